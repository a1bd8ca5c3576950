import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type EngineEndpoint, parseEngineAddress } from '#engine/endpoints.ts';
import { eventually } from '../eventually.ts';
import { mountLoopDisk, unmountBelow } from './loopDisk.ts';

/**
 * An engine of a test's own, to be killed, starved or filled without harm to anybody: a second dockerd with its own data
 * folder, socket and network namespace. Containers run as ever; their published ports are reachable only inside that
 * namespace, so talk to them by exec. Needs Linux, root and the daemon's program; `canRunPrivateEngine` says whether it is so.
 */
export interface PrivateEngineOptions {
  /** The data folder stands on a disk of this size, MiB: for what happens when it is full. */
  readonly diskMiB?: number;
  /**
   * The engine's mirror of Docker Hub. Gets every connection that the engine opens to it, outside the namespace; pass it on with
   * `toHub`, whole or not. Without it the engine reaches no registry, and images come by `loadImages`.
   */
  readonly mirror?: (connection: Socket) => void;
  /** The daemon's own configuration (daemon.json), in place of the machine's. */
  readonly configuration?: Readonly<Record<string, unknown>>;
}

export interface PrivateEngine {
  readonly endpoint: EngineEndpoint;
  /** As in DOCKER_HOST. */
  readonly host: string;
  /** Where its data stands: for filling the disk. */
  readonly dataFolder: string;
  /** Starts the daemon and waits until it answers. Containers that ran when it was killed are handled as dockerd does at a start. */
  start(): Promise<void>;
  /** Sends the daemon a signal and waits until it has gone. Nothing happens when it does not run. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Copies images, by reference, from the engine that the environment names. */
  loadImages(...references: readonly string[]): Promise<void>;
  /** Ends the daemon, everything it ran, and removes its folders. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A cold start on a busy machine; usually it is one second. */
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 60_000;
/** Where the hub's mirror listens, and where the engine in its own namespace believes it does. */
const MIRROR_PORT = 5000;

/** Whether this machine can run one; the reason when it cannot. */
export function canRunPrivateEngine(): 'yes' | string {
  if (process.platform !== 'linux') return 'a second engine needs Linux';
  if (process.getuid?.() !== 0) return 'a second engine needs root';
  const found = spawnSync('sh', [
    '-c',
    'PATH=$PATH:/usr/sbin:/sbin command -v dockerd && command -v nsenter',
  ]);
  return found.status === 0 ? 'yes' : 'dockerd or nsenter is not installed';
}

/** Passes a connection on to the hub's mirror of Docker Hub; returns the other end. */
export function toHub(connection: Socket): Socket {
  const hub = connect({ port: MIRROR_PORT, host: '127.0.0.1', allowHalfOpen: true });
  connection.on('error', () => hub.destroy()).on('close', () => hub.destroy());
  hub.on('error', () => connection.destroy()).on('close', () => connection.destroy());
  connection.pipe(hub).pipe(connection);
  return hub;
}

/** Opens a private engine; it has started when this returns. Dispose it. */
export async function openPrivateEngine(options: PrivateEngineOptions = {}): Promise<PrivateEngine> {
  const cleanups = new AsyncDisposableStack();
  try {
    const folder = mkdtempSync(path.join(tmpdir(), 'engine-'));
    cleanups.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
    cleanups.defer(() => unmountBelow(folder));
    const dataFolder = path.join(folder, 'data');
    mkdirSync(dataFolder);
    if (options.diskMiB !== undefined) {
      mountLoopDisk({ folder: dataFolder, image: path.join(folder, 'disk'), sizeMiB: options.diskMiB });
    }
    const namespace = await holdNetwork();
    cleanups.defer(() => end(namespace));
    const configuration = path.join(folder, 'daemon.json');
    writeFileSync(configuration, JSON.stringify(options.configuration ?? {}));
    const daemon = new Daemon(folder, dataFolder, namespace.pid as number, options.mirror !== undefined);
    cleanups.defer(() => daemon.endAll());
    if (options.mirror !== undefined)
      cleanups.use(await openMirror(folder, namespace.pid as number, options.mirror));
    await daemon.start();
    return engineOf(daemon, cleanups.move());
  } catch (thrown) {
    await cleanups.disposeAsync();
    throw thrown;
  }
}

function engineOf(daemon: Daemon, cleanups: AsyncDisposableStack): PrivateEngine {
  const address = parseEngineAddress(daemon.host);
  if (address === undefined) throw new Error(`not an engine's address: ${daemon.host}`);
  return {
    endpoint: { address, url: daemon.host, source: 'private', explicit: true },
    host: daemon.host,
    dataFolder: daemon.dataFolder,
    start: () => daemon.start(),
    kill: (signal) => daemon.kill(signal),
    loadImages: (...references) => copyImages(references, daemon.host),
    [Symbol.asyncDispose]: () => cleanups.disposeAsync(),
  };
}

/** A process that does nothing but hold a network namespace of its own, with loopback up. */
async function holdNetwork(): Promise<ChildProcess> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo up && exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return holder;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function openMirror(
  folder: string,
  namespacePid: number,
  mirror: (connection: Socket) => void,
): Promise<AsyncDisposable> {
  const socketPath = path.join(folder, 'mirror.sock');
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (connection) => {
    open.add(connection);
    connection.on('close', () => open.delete(connection));
    mirror(connection);
  });
  await once(server.listen(socketPath), 'listening');
  const relay = spawn(
    'nsenter',
    [
      '-t',
      String(namespacePid),
      '-n',
      process.execPath,
      path.join(import.meta.dirname, 'relay.ts'),
      String(MIRROR_PORT),
      socketPath,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(relay.stdout, 'data');
  return {
    async [Symbol.asyncDispose]() {
      await end(relay);
      for (const connection of open) connection.destroy();
      server.close();
    },
  };
}

class Daemon {
  readonly dataFolder: string;
  readonly host: string;
  readonly #folder: string;
  readonly #namespacePid: number;
  readonly #mirrored: boolean;
  #process: ChildProcess | undefined;

  constructor(folder: string, dataFolder: string, namespacePid: number, mirrored: boolean) {
    this.#folder = folder;
    this.dataFolder = dataFolder;
    this.host = `unix://${path.join(folder, 'docker.sock')}`;
    this.#namespacePid = namespacePid;
    this.#mirrored = mirrored;
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const log = openSync(path.join(this.#folder, 'dockerd.log'), 'a');
    const daemon = spawn('nsenter', ['-t', String(this.#namespacePid), '-n', 'dockerd', ...this.#flags()], {
      stdio: ['ignore', log, log],
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    });
    closeSync(log);
    this.#process = daemon;
    daemon.on('exit', () => {
      if (this.#process === daemon) this.#process = undefined;
    });
    await eventually(async () => daemon.exitCode !== null || (await answers(this.host)), {
      limitMs: START_LIMIT_MS,
    });
    if (daemon.exitCode !== null) throw new Error(`dockerd ended:\n${this.#logTail()}`);
  }

  #flags(): readonly string[] {
    const mirror = this.#mirrored ? ['--registry-mirror', `http://127.0.0.1:${MIRROR_PORT}`] : [];
    const exec = path.join(this.#folder, 'exec');
    // Containers that ignore SIGTERM must not hold up the end of a test.
    return [
      '--config-file',
      path.join(this.#folder, 'daemon.json'),
      '--shutdown-timeout',
      '1',
      '--data-root',
      this.dataFolder,
      '--exec-root',
      exec,
      '--pidfile',
      path.join(this.#folder, 'pid'),
      '-H',
      this.host,
      ...mirror,
    ];
  }

  #logTail(): string {
    return readFileSync(path.join(this.#folder, 'dockerd.log'), 'utf8').split('\n').slice(-8).join('\n');
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const daemon = this.#process;
    if (daemon === undefined) return;
    // nsenter without a new process namespace becomes the daemon itself, so the child's id is dockerd's.
    const gone = once(daemon, 'exit', { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
    daemon.kill(signal);
    await gone;
    await this.#containerdGone();
    rmSync(path.join(this.#folder, 'pid'), { force: true });
  }

  /** It ends with its parent, a moment later; a daemon that finds it still dying waits for it in vain. */
  async #containerdGone(): Promise<void> {
    const file = path.join(this.#folder, 'exec/containerd/containerd.pid');
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (pid > 0) await eventually(() => !existsSync(`/proc/${pid}`), { limitMs: STOP_LIMIT_MS });
  }

  /** After SIGKILL the containers live on: a start ends them as dockerd does, and SIGTERM then ends the daemon. */
  async endAll(): Promise<void> {
    if (this.#process === undefined && existsSync(path.join(this.#folder, 'exec/containerd'))) {
      await this.start().catch((thrown: unknown) => process.stderr.write(`${String(thrown)}\n`));
    }
    await this.kill('SIGTERM').catch(() => this.kill('SIGKILL'));
  }
}

async function answers(host: string): Promise<boolean> {
  const asked = spawn('docker', ['-H', host, 'version', '--format', '{{.Server.Version}}'], {
    stdio: 'ignore',
  });
  const [code] = (await once(asked, 'exit')) as [number | null];
  return code === 0;
}

async function copyImages(references: readonly string[], host: string): Promise<void> {
  const save = spawn('docker', ['save', ...references], { stdio: ['ignore', 'pipe', 'inherit'] });
  const load = spawn('docker', ['-H', host, 'load', '--quiet'], {
    stdio: [save.stdout, 'ignore', 'inherit'],
  });
  const codes = await Promise.all(
    [save, load].map(async (child) => ((await once(child, 'exit')) as [number | null])[0]),
  );
  // Our end of the pipe between the two: nobody reads it here, so nobody closes it.
  save.stdout.destroy();
  if (codes.some((code) => code !== 0))
    throw new Error(`could not copy ${references.join(', ')} (exit ${codes.join(', ')})`);
}
