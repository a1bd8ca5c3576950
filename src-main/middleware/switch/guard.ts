import { AppFailure } from '#contract/errors.ts';
import type { SwitchJournal } from './journal.ts';
import { wasStartedSince } from './journal.ts';
import type { SwitchWorld } from './world.ts';

/**
 * Watches, while data is carried, for anybody else who starts the service: `docker compose up` in a terminal does, and what is
 * written then would not be in the carried data. Nothing can keep them from it, so the switch gives way: its `signal` aborts,
 * and `failure` says why.
 */
export class CarryGuard {
  readonly #world: SwitchWorld;
  readonly #journal: SwitchJournal;
  readonly #stop = new AbortController();
  readonly #tripped = new AbortController();
  #failure: AppFailure | undefined;

  constructor(world: SwitchWorld, journal: SwitchJournal) {
    this.#world = world;
    this.#journal = journal;
  }

  /** Aborts when somebody else starts the service. */
  get signal(): AbortSignal {
    return this.#tripped.signal;
  }

  get failure(): AppFailure | undefined {
    return this.#failure;
  }

  /** Resolves once the engine tells of every start. */
  async watch(): Promise<void> {
    const { engine, project } = this.#world;
    const labels = [
      `com.docker.compose.project=${project.name}`,
      `com.docker.compose.service=${this.#journal.decision.service}`,
    ];
    const events = await engine.openEvents({ labels, signal: this.#stop.signal });
    // A stream that ends early is no harm: `judge` looks at the containers themselves before anything counts.
    void (async () => {
      for await (const { type, action, attributes } of events) {
        const oneOff = attributes['com.docker.compose.oneoff'] === 'True';
        if (type === 'container' && action === 'start' && !oneOff) this.#trip();
      }
    })().catch(() => undefined);
  }

  /** Looks at what is there: an event may come late. Throws `run.busy` when the service was started by somebody else. */
  async judge(): Promise<void> {
    await judgeUndisturbed(this.#world, this.#journal);
    if (this.#failure) throw this.#failure;
  }

  end(): void {
    this.#stop.abort();
  }

  #trip(): void {
    this.#failure ??= disturbed(this.#world, this.#journal);
    this.#tripped.abort(this.#failure);
  }
}

/** Throws `run.busy` when a container of the service runs, or the old one was started since the switch began. */
export async function judgeUndisturbed(world: SwitchWorld, journal: SwitchJournal): Promise<void> {
  const labels = [
    `com.docker.compose.project=${world.project.name}`,
    `com.docker.compose.service=${journal.decision.service}`,
    'com.docker.compose.oneoff=False',
  ];
  const found = await world.engine.listContainers({ all: true, labels });
  const old = journal.oldContainer;
  for (const container of found) {
    if (container.state === 'running' || container.state === 'restarting') throw disturbed(world, journal);
    if (container.id !== old?.id) continue;
    if (wasStartedSince(old, await world.engine.inspectContainer(container.id)))
      throw disturbed(world, journal);
  }
}

function disturbed(world: SwitchWorld, { decision }: SwitchJournal): AppFailure {
  const { service, fromImage } = decision;
  return new AppFailure({
    kind: 'run.busy',
    workspace: world.project.workingDir,
    running: `something else that starts ${service}`,
    message: `${service} was started by somebody else (docker compose up?) while its data was carried. The switch was taken back: ${service} runs on ${fromImage} with everything that was written.`,
    hint: 'Switch again when nothing else starts the service.',
  });
}
