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

/** What waits to be acted on, by rule and name. */
type Waiting = Map<Watched, ReadonlyMap<string, TreeChange>>;

interface Tree {
  readonly watch: TreeWatch;
  /** As the containers have it: what was acted on, and not all that was seen. */
  readonly acted: Map<string, TreeEntry>;
}

/** Facts that no file has: the next watch sees a change, whether the file is there then or not. */
const NOT_ACTED_ON = '';

/** Keeps one service's containers equal to the files on this machine, by its rules. */
export class ServiceWatch implements Disposable {
  readonly #context: ServiceWatchContext;
  readonly #disposables = new Disposables();
  readonly #queue = new SequentialQueue();
  readonly #abort = new AbortController();
  readonly #trees = new Map<Watched, Tree>();
  #waiting: Waiting = new Map();
  /** What waits can be done only once a container runs or the engine is back; another failure waits for the next change. */
  #waitsForContainers = false;
  /** Until all trees are read, what was missed is gathered: it is one batch. */
  #isRead = false;
  #state: WatchState = {};
  /** Containers that have, or are about to get, what was synced. One that is stopped and started keeps it. */
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
    this.#isRead = true;
    await this.#act();
    await this.#remember();
  }

  /** A container that was made anew from an image has what the image has: what was synced since comes again. */
  containersChanged(): void {
    const now = this.#context.containers().map(({ id }) => id);
    if (now.length === 0 || this.#abort.signal.aborted) return;
    const fresh = now.some((id) => !this.#synced.has(id));
    if (fresh) this.#synced = new Set(now);
    if (fresh) void this.#queue.run(() => this.#catchUp());
    else if (this.#waitsForContainers) void this.#act();
  }

  async dispose(): Promise<void> {
    this.#abort.abort(cancelled());
    await this.#disposables.dispose();
    await this.#queue.run(async () => undefined);
    await this.#remember();
  }

  async #watch(rule: Watched, before: ReadonlyMap<string, TreeEntry> | undefined): Promise<void> {
    const watch = this.#disposables.add(
      new TreeWatch({
        path: rule.path,
        top: this.#context.workingDir,
        ignores: rule.ignores,
        onChanges: (changes) => {
          this.#add(rule, changes);
          if (this.#isRead) void this.#act();
        },
        onTrouble: (message) => this.#say(message),
      }),
    );
    const acted = new Map(before);
    this.#trees.set(rule, { watch, acted });
    await watch.start(before);
    if (before === undefined) {
      // Without a memory all that is there counts as acted on, apart from what was heard of while it was read.
      const heard = this.#waiting.get(rule);
      for (const [name, entry] of watch.tree) if (!heard?.has(name)) acted.set(name, entry);
    }
    if (rule.initialSync) this.#add(rule, allOf(watch));
  }

  #add(rule: Watched, changes: readonly TreeChange[]): void {
    const waiting = new Map(this.#waiting.get(rule));
    for (const change of changes) {
      waiting.set(change.name, change);
      this.#trees.get(rule)?.acted.set(change.name, { kind: change.kind, facts: NOT_ACTED_ON });
    }
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
    for (const [rule, { watch }] of this.#trees) {
      if (which === 'sync' && !rule.action.startsWith('sync')) continue;
      const newer = await Promise.all(
        allOf(watch).map(async (change) => {
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

  /** Everything that waits, as one batch. A failure is said and does not stop the watching; what failed waits on. */
  async #perform(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    const taken = this.#waiting;
    const action = watchAction(batchesOf(taken));
    this.#waitsForContainers = action.type === 'sync' && this.#context.containers().length === 0;
    if (action.type === 'none' || this.#waitsForContainers) return;
    this.#waiting = new Map();
    const begun = this.#asSeen(taken);
    try {
      await this.#run(action);
      this.#actedOn(begun);
      this.#say(describeAction(action));
      await this.#remember();
    } catch (thrown) {
      this.#putBack(taken);
      this.#waitsForContainers = isKind(thrown, 'engine.unreachable');
      this.#failed(thrown);
    }
  }

  /** What the trees hold of these names at this moment: what is read from now on is as new or newer. */
  #asSeen(taken: Waiting): readonly Seen[] {
    return [...taken].flatMap(([rule, changes]) => {
      const tree = this.#trees.get(rule);
      if (tree === undefined) return [];
      return [...changes.values()].map(({ name, type }) => ({
        tree,
        name,
        entry: type === 'put' ? tree.watch.tree.get(name) : undefined,
      }));
    });
  }

  /** Has been acted on. */
  #actedOn(seen: readonly Seen[]): void {
    for (const { tree, name, entry } of seen) {
      if (entry === undefined) tree.acted.delete(name);
      else tree.acted.set(name, entry);
    }
  }

  /** What has changed again meanwhile counts as it is now. */
  #putBack(taken: Waiting): void {
    for (const [rule, changes] of taken)
      this.#waiting.set(rule, new Map([...changes, ...(this.#waiting.get(rule) ?? [])]));
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
    const containers = this.#context.containers();
    for (const { id } of containers) {
      if (action.gone.length > 0) await removeFiles(engine, id, action.gone, signal);
      await putFiles(engine, id, action.put, signal);
      for (const hook of action.exec) await this.#exec(id, hook);
      if (action.restart) await engine.restartContainer(id, { signal });
    }
    // One that does not run now has missed this: it is a fresh one when it does.
    this.#synced = new Set(containers.map(({ id }) => id));
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
    const rules = [...this.#trees].map(([rule, { acted }]) => ({ path: rule.path, tree: [...acted] }));
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

interface Seen {
  readonly tree: Tree;
  readonly name: string;
  /** Undefined for what was gone. */
  readonly entry: TreeEntry | undefined;
}

function batchesOf(waiting: Waiting): RuleChanges[] {
  return [...waiting].map(([rule, changes]) => ({
    rule,
    changes: [...changes.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  }));
}

type WatchedHook = NonNullable<Watched['exec']>;

function allOf(tree: TreeWatch): TreeChange[] {
  return [...tree.tree].map(([name, { kind }]) => ({ name, kind, type: 'put' }));
}
