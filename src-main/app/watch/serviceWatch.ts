import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { type Disposable, Disposables } from '#base/disposables.ts';
import { SequentialQueue } from '#base/sequentialQueue.ts';
import type { TextStore } from '#base/textStore.ts';
import { cancelled, isKind, toAppError } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { putFiles, removeFiles } from './syncFiles.ts';
import { type TreeChange, type TreeEntry, TreeWatch } from './treeWatch.ts';
import { describeAction, type RuleChanges, type WatchAction, watchAction } from './watchAction.ts';
import type { Watched } from './watchRules.ts';

export interface WatchState {
  readonly lastAction?: string | undefined;
  readonly outcome?: 'done' | 'failed' | undefined;
  readonly at?: number | undefined;
}

export interface ServiceWatchContext {
  readonly service: string;
  readonly rules: readonly Watched[];
  /** The project's folder. */
  readonly workingDir: string;
  readonly engine: () => Engine;
  /** Its running containers. */
  readonly containers: () => readonly ObservedContainer[];
  /** Builds and replaces; resolves when that has ended, rejects with what went wrong. */
  readonly rebuild: (signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly store: TextStore;
  readonly changed: () => void;
}

/** Keeps one service's containers equal to the files on this machine, by its rules. */
export class ServiceWatch implements Disposable {
  readonly #context: ServiceWatchContext;
  readonly #disposables = new Disposables();
  readonly #queue = new SequentialQueue();
  readonly #abort = new AbortController();
  readonly #trees: { readonly rule: Watched; readonly tree: TreeWatch }[] = [];
  /** What has changed and was not acted on yet, by rule. */
  #waiting = new Map<Watched, Map<string, TreeChange>>();
  #state: WatchState = {};
  #synced = new Set<ContainerId>();

  constructor(context: ServiceWatchContext) {
    this.#context = context;
  }

  get state(): WatchState {
    return this.#state;
  }

  /** Resolves when the trees have been read and what was missed meanwhile has been caught up. */
  async start(): Promise<void> {
    const before = await this.#remembered();
    await Promise.all(this.#context.rules.map((rule) => this.#watch(rule, before.get(rule.path))));
    this.#synced = new Set(this.#context.containers().map(({ id }) => id));
    if (before.size === 0) await this.#addNewer('all');
    await this.#act();
    await this.#remember();
  }

  /** A container that was made anew from an image has what the image has: what was synced since comes again. */
  containersChanged(): void {
    const now = this.#context.containers().map(({ id }) => id);
    const fresh = now.some((id) => !this.#synced.has(id));
    this.#synced = new Set(now);
    if (!fresh || this.#abort.signal.aborted) return;
    void this.#queue.run(() => this.#catchUp());
  }

  async dispose(): Promise<void> {
    this.#abort.abort(cancelled());
    await this.#disposables.dispose();
    await this.#queue.run(async () => undefined);
    await this.#remember();
  }

  async #watch(rule: Watched, before: ReadonlyMap<string, TreeEntry> | undefined): Promise<void> {
    const tree = this.#disposables.add(
      new TreeWatch({
        path: rule.path,
        top: this.#context.workingDir,
        ignores: rule.ignores,
        onChanges: (changes) => {
          this.#add(rule, changes);
          void this.#act();
        },
        onTrouble: (message) => this.#say(message),
      }),
    );
    this.#trees.push({ rule, tree });
    await tree.start(before);
    if (rule.initialSync) this.#add(rule, allOf(tree));
  }

  #add(rule: Watched, changes: readonly TreeChange[]): void {
    const waiting = this.#waiting.get(rule) ?? new Map<string, TreeChange>();
    for (const change of changes) waiting.set(change.name, change);
    this.#waiting.set(rule, waiting);
  }

  async #catchUp(): Promise<void> {
    try {
      await this.#addNewer('sync');
    } catch (thrown) {
      // The engine is away: it tells of its containers anew when it is back, and none of them has been seen to then.
      this.#synced.clear();
      this.#failed(thrown);
    }
    await this.#perform();
  }

  /** Files that are newer than the image that the containers run: edited while nobody watched. */
  async #addNewer(which: 'all' | 'sync'): Promise<void> {
    const [container] = this.#context.containers();
    if (container === undefined) return;
    const image = await this.#context.engine().inspectImage(container.imageId);
    if (image === undefined) return;
    for (const { rule, tree } of this.#trees) {
      if (which === 'sync' && !rule.action.startsWith('sync')) continue;
      const newer = await Promise.all(
        allOf(tree).map(async (change) => {
          const facts = await lstat(path.join(rule.path, change.name)).catch(() => undefined);
          return facts !== undefined && change.kind !== 'folder' && facts.mtimeMs > image.created
            ? [change]
            : [];
        }),
      );
      this.#add(rule, newer.flat());
    }
  }

  #act(): Promise<void> {
    return this.#queue.run(() => this.#perform());
  }

  /** Everything that waits, as one batch. A failure is said and does not stop the watching. */
  async #perform(): Promise<void> {
    const batches: RuleChanges[] = [...this.#waiting].map(([rule, changes]) => ({
      rule,
      changes: [...changes.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    }));
    this.#waiting = new Map();
    const action = watchAction(batches);
    if (action.type === 'none' || this.#abort.signal.aborted) return;
    try {
      await this.#run(action);
      this.#say(describeAction(action));
      await this.#remember();
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #failed(thrown: unknown): void {
    if (!isKind(thrown, 'cancelled')) this.#say(`failed: ${toAppError(thrown).message}`, 'failed');
  }

  async #run(action: WatchAction): Promise<void> {
    const { signal } = this.#abort;
    if (action.type === 'rebuild') {
      await this.#context.rebuild(signal);
      this.#synced = new Set(this.#context.containers().map(({ id }) => id));
    }
    if (action.type !== 'sync') return;
    const engine = this.#context.engine();
    for (const { id } of this.#context.containers()) {
      if (action.gone.length > 0) await removeFiles(engine, id, action.gone, signal);
      await putFiles(engine, id, action.put, signal);
      for (const hook of action.exec) await this.#exec(id, hook);
      if (action.restart) await engine.restartContainer(id, { signal });
    }
  }

  async #exec(id: ContainerId, hook: WatchedHook): Promise<void> {
    const { signal } = this.#abort;
    const { exitCode, stderr } = await this.#context.engine().exec(id, {
      command: hook.command ?? [],
      user: hook.user,
      workingDir: hook.working_dir,
      privileged: hook.privileged,
      env: Object.entries(hook.environment ?? {}).map(([name, value]) => `${name}=${value ?? ''}`),
      limitBytes: 2_000,
      signal,
    });
    if (exitCode === 0) return;
    throw new Error(`its command ended with ${exitCode}: ${new TextDecoder().decode(stderr).trim()}`);
  }

  #say(lastAction: string, outcome: 'done' | 'failed' = 'done'): void {
    this.#state = { lastAction, outcome, at: this.#context.now() };
    this.#context.changed();
  }

  async #remember(): Promise<void> {
    const rules = this.#trees.map(({ rule, tree }) => ({ path: rule.path, tree: [...tree.tree] }));
    const text = JSON.stringify({ version: 1, rules });
    await this.#context.store.update(this.#file, () => text).catch(() => undefined);
  }

  /** By the rules' paths. What cannot be read counts as nothing: the image's age then says what is new. */
  async #remembered(): Promise<ReadonlyMap<string, ReadonlyMap<string, TreeEntry>>> {
    const text = await this.#context.store.read(this.#file).catch(() => undefined);
    if (text === undefined) return new Map();
    try {
      const { rules } = JSON.parse(text) as { rules: { path: string; tree: [string, TreeEntry][] }[] };
      return new Map(rules.map((rule) => [rule.path, new Map(rule.tree)]));
    } catch {
      return new Map();
    }
  }

  get #file(): string {
    return `watch-${this.#context.service.replace(/[^\w.-]/g, '_')}.json`;
  }
}

type WatchedHook = NonNullable<Watched['exec']>;

function allOf(tree: TreeWatch): TreeChange[] {
  return [...tree.tree].map(([name, { kind }]) => ({ name, kind, type: 'put' }));
}
