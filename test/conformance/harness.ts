import { type AppErrorKind, AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { ContainerBody } from '#engine/bodies.ts';
import { demultiplex } from '#engine/demux.ts';
import type { Engine } from '#engine/engine.ts';
import type { LeakScope } from '../support/leaks.ts';
import { PROGRAMS, type ProgramName } from './programs.ts';

export const IMAGE = 'busybox:latest';

/** What the suite runs against: an engine, and names nobody else uses. */
export interface Target {
  readonly engine: () => Engine;
  readonly scope: LeakScope;
}

/** Verbs of the suite. Whatever it makes is taken away when the test ends. */
export class Harness {
  readonly #target: Target;
  readonly #undo: (() => Promise<void>)[] = [];
  #names = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  get engine(): Engine {
    return this.#target.engine();
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#target.scope.labels;
  }

  /** `key=value`, for filters. */
  get label(): string {
    return Object.entries(this.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join();
  }

  name(word: string): string {
    return `${this.#target.scope.prefix}-${word}-${++this.#names}`;
  }

  async create(program: ProgramName, extra: Partial<ContainerBody> & { readonly name?: string } = {}) {
    const { name = this.name(program), ...body } = extra;
    const { id } = await this.engine.createContainer({
      name,
      body: { Image: IMAGE, Cmd: PROGRAMS[program].command, Labels: this.labels, ...body },
    });
    this.#undo.push(() => this.engine.removeContainer(id, { force: true, anonymousVolumes: true }));
    return { id, name };
  }

  async start(program: ProgramName, extra: Partial<ContainerBody> & { readonly name?: string } = {}) {
    const made = await this.create(program, extra);
    await this.engine.startContainer(made.id);
    if (program === 'polite') await this.#hasSpoken(made.id);
    return made;
  }

  async #hasSpoken(id: ContainerId): Promise<void> {
    const source = await this.engine.openLogs(id, { follow: true, timestamps: false });
    for await (const _ of source) source.close();
  }

  async network(word = 'net'): Promise<string> {
    const name = this.name(word);
    await this.engine.createNetwork({ Name: name, Labels: this.labels });
    this.#undo.push(() => this.engine.removeNetwork(name).catch(ignoreNotFound));
    return name;
  }

  async volume(word = 'vol'): Promise<string> {
    const name = this.name(word);
    await this.engine.createVolume({ Name: name, Labels: this.labels });
    this.#undo.push(() => this.engine.removeVolume(name).catch(ignoreNotFound));
    return name;
  }

  /** After each test: the last that was made goes first. */
  async cleanUp(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) await undo();
  }

  /** Runs to its end, gives its code. */
  async end(id: ContainerId): Promise<number> {
    return this.engine.waitContainer(id);
  }
}

function ignoreNotFound(thrown: unknown): void {
  if (!(thrown instanceof AppFailure) || thrown.error.kind !== 'engine.notFound') throw thrown;
}

/** The kind that `work` fails with; throws when it does not fail, or with something that is no AppFailure. */
export async function kindOf(work: Promise<unknown>): Promise<AppErrorKind> {
  return (await failureOf(work)).kind;
}

export async function failureOf(work: Promise<unknown>) {
  const outcome = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof AppFailure) return outcome.error;
  throw outcome ?? new Error('it should have failed, and did not');
}

export async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Both streams of a multiplexed source. */
export async function outputOf(
  source: AsyncIterable<Uint8Array>,
): Promise<{ stdout: string; stderr: string }> {
  const text = { stdin: '', stdout: '', stderr: '' };
  for await (const { stream, bytes } of demultiplex(source)) text[stream] += Buffer.from(bytes).toString();
  return { stdout: text.stdout, stderr: text.stderr };
}
