import type { Clock } from '#base/clock.ts';
import type { Owner } from '#base/owner.ts';
import type { Project } from '#compose/project.ts';
import { requireServices } from '#compose/unknownService.ts';
import { AppFailure, isKind, toAppError } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { MatrixResult } from '#contract/requests/versions.ts';
import { isOtherAlive, thisProcess } from '#disk/owner.ts';
import type { Runs } from '../../runs.ts';
import { type Check, type CheckWorld, discard, runCheck } from './runCheck.ts';
import { throwAway } from './throwAway.ts';

export interface MatrixContext extends Omit<CheckWorld, 'engine' | 'apiVersion'> {
  readonly runs: Runs;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly project: () => Project;
  readonly engine: () => CheckWorld['engine'];
  readonly apiVersion: () => string;
  /** What has to be thrown away if this process does not get to it. */
  readonly journal: {
    read(): Promise<string | undefined>;
    write(text: string | undefined): Promise<void>;
  };
}

export interface MatrixRequest {
  readonly service: string;
  readonly versions: readonly string[];
  readonly check: Check;
}

interface MatrixJournal {
  readonly version: 1;
  readonly owner: Owner;
  readonly projects: readonly string[];
}

/** A boot and its check may take this long; a check that hangs is a version that fails. */
const LIMIT_MS = 10 * 60_000;

/** Runs the stack's own check against several versions of one service, each in a project of its own that is thrown away. */
export class Matrix {
  readonly #context: MatrixContext;
  #results: readonly MatrixResult[] = [];

  constructor(context: MatrixContext) {
    this.#context = context;
  }

  /** Of the last run, in the order of its versions. */
  get results(): readonly MatrixResult[] {
    return this.#results;
  }

  async begin(request: MatrixRequest): Promise<{ readonly run: RunId }> {
    const { runs, newId, project } = this.#context;
    await runs.makeRoom();
    const own = project();
    requireServices(
      own,
      [request.service, request.check.service].filter((name) => name !== undefined),
    );
    const stem = `${own.name}-matrix-${newId().slice(0, 6)}`;
    const trials = request.versions.map((version, index) => ({ version, name: `${stem}-${index + 1}` }));
    this.#results = [];
    return runs.beginFree({
      kind: 'matrix',
      title: `Try ${request.service} ${request.versions.join(', ')}`,
      steps: trials.map(({ version }, index) => ({
        kind: 'verify',
        label: `${request.service} ${version}: boot what ${request.check.service} needs beside the stack, run the check`,
        cause: 'in a project that is thrown away; the stack is not touched',
        after: index === 0 ? [] : [index],
      })),
      work: async (onEvent, signal) => {
        await this.#hold(trials.map(({ name }) => name));
        for (const [index, { version, name }] of trials.entries()) {
          const step = index + 1;
          onEvent({ type: 'stepStarted', step, at: this.#context.clock.now() });
          const result = await this.#try(throwAway(own, { name, service: request.service, to: version }), {
            ...request,
            version,
            signal,
          });
          this.#results = [...this.#results, result];
          const at = this.#context.clock.now();
          if (result.passed) onEvent({ type: 'stepDone', step, at, note: 'passed' });
          else
            onEvent({ type: 'stepFailed', step, at, error: { kind: 'internal', message: result.summary } });
        }
        await this.#context.journal.write(undefined);
        throwFailed(this.#results);
      },
    });
  }

  /** Throws away what an earlier Slipway was killed over. */
  async recover(): Promise<void> {
    const journal = parse(await this.#context.journal.read());
    if (!journal || (await isOtherAlive(journal.owner))) return;
    for (const project of journal.projects) await discard(this.#context.engine(), project);
    await this.#context.journal.write(undefined);
  }

  async #hold(projects: readonly string[]): Promise<void> {
    await this.recover();
    const journal: MatrixJournal = { version: 1, owner: await thisProcess(), projects };
    await this.#context.journal.write(`${JSON.stringify(journal)}\n`);
  }

  async #try(
    project: Project,
    request: MatrixRequest & { readonly version: string; readonly signal: AbortSignal },
  ): Promise<MatrixResult> {
    const { clock, engine, apiVersion, observe, executor } = this.#context;
    const { version, service, check } = request;
    const began = clock.monotonic();
    const took = () => Math.round(clock.monotonic() - began);
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(LIMIT_MS)]);
    const world = { engine: engine(), clock, apiVersion: apiVersion(), observe, executor };
    try {
      const { exitCode, output } = await runCheck(world, { project, service, check, signal });
      const passed = exitCode === 0;
      const summary = passed ? 'the check passed' : `the check ended with ${exitCode}`;
      return { version, passed, exitCode, summary, output, ms: took() };
    } catch (thrown) {
      if (request.signal.aborted || isKind(thrown, 'engine.unreachable')) throw thrown;
      const error = toAppError(thrown);
      const output = 'output' in error && typeof error.output === 'string' ? error.output : '';
      return { version, passed: false, summary: error.message, output, ms: took() };
    } finally {
      await discard(engine(), project.name);
    }
  }
}

function throwFailed(results: readonly MatrixResult[]): void {
  const failed = results.filter(({ passed }) => !passed);
  if (failed.length === 0) return;
  throw new AppFailure({
    kind: 'run.failed',
    message: `${failed.length} of ${results.length} versions failed: ${failed.map(({ version }) => version).join(', ')}.`,
    failures: failed.map(({ version, summary }) => ({
      error: { kind: 'internal', message: `${version}: ${summary}` },
    })),
  });
}

function parse(text: string | undefined): MatrixJournal | undefined {
  if (text === undefined) return undefined;
  try {
    const journal = JSON.parse(text) as Partial<MatrixJournal>;
    return journal.version === 1 && journal.projects && journal.owner
      ? (journal as MatrixJournal)
      : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
