import type { Clock } from '#base/clock.ts';
import type { AppError } from '#contract/errors.ts';
import type { Health } from '#engine/containers.ts';
import type { Engine, EngineInfo } from '#engine/engine.ts';
import { archiveCalls, putFile } from './archive.ts';
import { containerCalls } from './containers.ts';
import { execCalls } from './execs.ts';
import { Faults, guarded, type RecordedCall } from './guard.ts';
import { setHealth } from './health.ts';
import { addImage, type ImageSpec, imageCalls, makeImage, tagged } from './images.ts';
import { networkCalls, PREDEFINED } from './networks.ts';
import { exited, outOfMemory } from './process.ts';
import type { ExecHandler, ProgramChoice, ProgramMatch } from './program.ts';
import { changed, type FakeContainer } from './state.ts';
import { streamCalls } from './streams.ts';
import { volumeCalls } from './volumes.ts';
import { FAKE_ENDPOINT, lost, World } from './world.ts';

export interface FakeEngineOptions {
  /** A FakeClock for tests that hold time; the system's for those that run beside a real engine. */
  readonly clock: Clock;
  /** Images that are there from the start. */
  readonly images?: readonly string[];
}

/** An engine in memory that behaves as Docker does (the conformance suite says so), and the handles to steer it. */
export class FakeEngine {
  readonly engine: Engine;
  readonly faults = new Faults();
  /** Every call, in order. */
  readonly calls: RecordedCall[] = [];
  readonly #world: World;

  constructor({ clock, images = [] }: FakeEngineOptions) {
    const world = new World(clock);
    this.#world = world;
    for (const name of PREDEFINED) {
      const id = world.newId();
      world.networks.set(id, {
        id,
        body: { Name: name, Driver: name === 'none' ? 'null' : name },
        created: clock.now(),
      });
    }
    for (const reference of images) this.addImage(reference);
    const { calls } = this;
    this.engine = Object.assign(guarded(world, this.faults, calls, plainCalls(world)), {
      requests: {
        get count() {
          return calls.length;
        },
      },
      close: async () => this.#cut(),
    });
  }

  /** An image the engine has. */
  addImage(reference: string, spec: ImageSpec = {}): void {
    addImage(this.#world, makeImage(reference, this.#world.clock.now(), spec));
  }

  /** An image that can be pulled, or the reason why it cannot. */
  addRemoteImage(reference: string, spec: ImageSpec | AppError = {}): void {
    const entry = 'kind' in spec ? spec : makeImage(reference, this.#world.clock.now(), spec);
    this.#world.registry.set(tagged(reference), entry);
  }

  /** What matching containers do when they are started. The last matching one wins. */
  script(match: ProgramMatch, choice: ProgramChoice): void {
    this.#world.programs.push({ match, choice });
  }

  /** Answers execs; asked before those that were added earlier. */
  onExec(handler: ExecHandler): void {
    this.#world.execHandlers.push(handler);
  }

  /** The container as the fake keeps it. Throws `engine.notFound`. */
  container(idOrName: string): FakeContainer {
    return this.#world.container(idOrName);
  }

  get containers(): readonly FakeContainer[] {
    return [...this.#world.containers.values()];
  }

  /** Files of a volume, path below its root → text. */
  volumeFiles(name: string): Readonly<Record<string, string>> {
    const files = [...(this.#world.volumes.get(name)?.files ?? [])];
    return Object.fromEntries(files.map(([path, file]) => [path, Buffer.from(file.bytes).toString()]));
  }

  writeFile(idOrName: string, path: string, text: string): void {
    const container = this.#world.container(idOrName);
    const file = { mode: 0o644, type: 'file', linkTarget: '', uid: 0, gid: 0 } as const;
    putFile(this.#world, container, path, {
      ...file,
      bytes: Buffer.from(text),
      modified: this.#world.clock.now(),
    });
  }

  /** Process 1 ends by itself, now. */
  die(idOrName: string, exitCode: number): void {
    exited(this.#world, this.#world.container(idOrName), exitCode);
  }

  outOfMemory(idOrName: string): void {
    outOfMemory(this.#world, this.#world.container(idOrName));
  }

  setHealth(idOrName: string, health: Health): void {
    setHealth(this.#world, this.#world.container(idOrName), health);
  }

  /** Process 1 prints. */
  print(idOrName: string, text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    const container = this.#world.container(idOrName);
    container.logs.append(stream, text);
    changed(container);
  }

  /** Another program on the machine takes a port. */
  occupyPort(port: number): void {
    this.#world.occupiedPorts.add(port);
  }

  freePort(port: number): void {
    this.#world.occupiedPorts.delete(port);
  }

  /** The engine is gone: streams end, waiting calls reject with `lost`, new ones with `refused`. Its containers live on. */
  goUnreachable(): void {
    this.#world.reachable = false;
    this.#cut();
  }

  comeBack(): void {
    this.#world.reachable = true;
  }

  /** Only the streams break, as when a proxy in between restarts. */
  dropConnections(): void {
    this.#cut();
  }

  /** Streams and waiting calls that are open now. */
  get openConnections(): number {
    return this.#world.connections.size;
  }

  #cut(): void {
    for (const give of [...this.#world.connections]) give(lost());
  }
}

function plainCalls(world: World): Omit<Engine, 'close' | 'requests'> {
  return {
    info: async () => info(world),
    ...containerCalls(world),
    ...streamCalls(world),
    ...execCalls(world),
    ...archiveCalls(world),
    ...imageCalls(world),
    ...networkCalls(world),
    ...volumeCalls(world),
  };
}

function info(world: World): EngineInfo {
  return {
    product: 'Docker Engine',
    version: '20.10.24',
    apiVersion: '1.41',
    endpoint: FAKE_ENDPOINT,
    operatingSystem: 'Fake',
    platform: 'linux/amd64',
    cpus: 2,
    memoryBytes: 8 * 1024 ** 3,
    rootDir: '/var/lib/docker',
    containers: world.containers.size,
    buildkit: true,
    cgroupVersion: '1',
    registryMirrors: [],
  };
}
