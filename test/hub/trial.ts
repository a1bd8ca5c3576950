import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { pack } from 'tar-stream';

export interface CommandResult {
  readonly status: number;
  /** Standard output and standard error, one after the other. */
  readonly output: string;
}

/** The slowest server (RabbitMQ, on a busy machine) is ready long before this. */
const READY_TIMEOUT_MS = 120_000;

const LABEL = 'dev.slipway.hub.check';

export interface DockerOptions {
  /** What the command reads from its standard input. */
  readonly input?: Uint8Array | string;
  /** The folder of the client's own settings, instead of the user's: logins stand in it. */
  readonly settings?: string;
}

/** Runs the docker command line. */
export function docker(
  args: readonly string[],
  { input, settings }: DockerOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const env = settings === undefined ? process.env : { ...process.env, DOCKER_CONFIG: settings };
    const options = { timeout: READY_TIMEOUT_MS, maxBuffer: 8 * 1024 * 1024, env };
    const child = execFile('docker', [...args], options, (failure, stdout, stderr) => {
      if (failure !== null && typeof failure.code !== 'number') reject(failure);
      else resolve({ status: failure === null ? 0 : Number(failure.code), output: (stdout + stderr).trim() });
    });
    child.stdin?.end(input);
  });
}

async function mustRun(args: readonly string[], input?: Uint8Array | string): Promise<string> {
  const { status, output } = await docker(args, input === undefined ? {} : { input });
  if (status !== 0) throw new Error(`docker ${args.join(' ')} ended with ${status}:\n${output}`);
  return output;
}

export interface TrialOptions {
  readonly image: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** Container ports to publish on loopback. */
  readonly ports?: readonly number[];
  /** Files to put into the container before it starts: path → text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs a command in a container that is removed at once. */
export async function runOnce(image: string, command: readonly string[]): Promise<CommandResult> {
  return await docker(['run', '--rm', '--label', LABEL, image, ...command]);
}

/** A container that lives for one check. */
export class Trial implements AsyncDisposable {
  readonly #id: string;

  private constructor(id: string) {
    this.#id = id;
  }

  static async start(options: TrialOptions): Promise<Trial> {
    const env = Object.entries(options.env ?? {}).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const ports = (options.ports ?? []).flatMap((port) => ['-p', `127.0.0.1::${port}`]);
    const id = await mustRun([
      'create',
      '--label',
      LABEL,
      ...env,
      ...ports,
      options.image,
      ...(options.command ?? []),
    ]);
    const trial = new Trial(id);
    if (options.files !== undefined) await mustRun(['cp', '-', `${id}:/`], await archive(options.files));
    await mustRun(['start', id]);
    return trial;
  }

  /** Runs a command in the container. */
  async exec(...command: readonly string[]): Promise<CommandResult> {
    return await docker(['exec', this.#id, ...command]);
  }

  /** Runs a line of bash in the container and gives its output; anything but success throws. */
  async bash(line: string): Promise<string> {
    return await mustRun(['exec', this.#id, 'bash', '-c', line]);
  }

  async logs(): Promise<string> {
    return await mustRun(['logs', this.#id]);
  }

  /** Waits for the container to end by itself. */
  async exitStatus(): Promise<number> {
    return Number(await mustRun(['wait', this.#id]));
  }

  /** Stops it as `docker stop` does and tells how it ended. */
  async stop(): Promise<number> {
    await mustRun(['stop', this.#id]);
    return await this.exitStatus();
  }

  /** `http://127.0.0.1:PORT` of a published port. */
  async url(port: number): Promise<string> {
    return `http://${(await mustRun(['port', this.#id, String(port)])).split('\n')[0]}`;
  }

  /** Repeats until it gives something, or fails with the last reason and the end of the log. */
  async eventually<T>(attempt: () => Promise<T | undefined>): Promise<T> {
    const end = Date.now() + READY_TIMEOUT_MS;
    let reason = 'nothing came';
    while (Date.now() < end && (await this.#isRunning())) {
      try {
        const value = await attempt();
        if (value !== undefined) return value;
      } catch (thrown) {
        reason = thrown instanceof Error ? thrown.message : String(thrown);
      }
      await delay(200);
    }
    throw new Error(
      `${reason}\nThe end of its log:\n${(await this.logs()).split('\n').slice(-12).join('\n')}`,
    );
  }

  async #isRunning(): Promise<boolean> {
    return (await mustRun(['inspect', '--format', '{{.State.Running}}', this.#id])) === 'true';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await mustRun(['rm', '-f', '-v', this.#id]);
  }
}

async function archive(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const layer = pack();
  for (const [name, text] of Object.entries(files)) layer.entry({ name: name.slice(1), mode: 0o644 }, text);
  layer.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
