import { spawn } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import type { EngineAddress } from '../endpoints.ts';

/** Short calls share this many connections: a boot of 200 services must not open 200 at once (dockerd's descriptors). */
const MAX_CALL_CONNECTIONS = 16;
/** Of the connections that answered late, so many are kept for the next. */
const MAX_IDLE_CONNECTIONS = 16;

export interface Agents {
  /** Kept alive and bounded: calls that answer at once. */
  readonly calls: http.Agent;
  /** Kept alive too, but never waited for: calls that answer late, such as a start. Bounded by who makes them. */
  readonly lateCalls: http.Agent;
  /** One connection each, never reused. Bounded by who opens them. */
  readonly streams: http.Agent;
}

export function createAgents(address: EngineAddress): Agents {
  const { calls, lateCalls, streams } = agentsFor(address);
  return { calls: opaque(calls), lateCalls: opaque(lateCalls), streams: opaque(streams) };
}

/**
 * docker-modem formats every request's options for its debug log, even when nobody listens, and to any depth: through an agent
 * that is all its connections and everything that waits, tens of milliseconds each time. So an agent shows nothing of itself.
 */
function opaque(agent: http.Agent): http.Agent {
  return Object.assign(agent, { [inspect.custom]: () => 'Agent' });
}

function agentsFor(address: EngineAddress): Agents {
  const agent = agentMaker(address);
  return {
    calls: agent({
      keepAlive: true,
      maxSockets: MAX_CALL_CONNECTIONS,
      maxFreeSockets: MAX_CALL_CONNECTIONS,
    }),
    lateCalls: agent({ keepAlive: true, maxFreeSockets: MAX_IDLE_CONNECTIONS }),
    streams: agent({}),
  };
}

function agentMaker(address: EngineAddress): (options: http.AgentOptions) => http.Agent {
  if (address.type === 'ssh') return (options) => sshAgent(address, options);
  if (address.type === 'tcp' && address.tls !== undefined) {
    const tls = { rejectUnauthorized: !address.tls.skipVerify };
    return (options) => new https.Agent({ ...options, ...tls });
  }
  return (options) => new http.Agent(options);
}

type SshAddress = Extract<EngineAddress, { type: 'ssh' }>;

/**
 * Reaches the engine as the docker CLI does for `ssh://`: the user's own ssh (with its configuration, agent and known
 * hosts) runs `docker system dial-stdio` on the far side. dockerode's built-in ssh checks no host keys, so it is not used.
 */
function sshAgent(address: SshAddress, options: http.AgentOptions): http.Agent {
  const agent = new http.Agent(options);
  agent.createConnection = () => new CommandConnection('ssh', sshArguments(address));
  return agent;
}

/** Exported for its test. Source: docker CLI `cli/connhelper`. */
export function sshArguments(address: SshAddress): string[] {
  const socket = address.path === undefined ? [] : ['--host', `unix://${address.path}`];
  return [
    '-o',
    'ConnectTimeout=30',
    '-T',
    ...(address.user === undefined ? [] : ['-l', address.user]),
    ...(address.port === undefined ? [] : ['-p', String(address.port)]),
    '--',
    address.host,
    'docker',
    ...socket,
    'system',
    'dial-stdio',
  ];
}

/** Standard input and output of a command, as a connection that node:http accepts. Exported for its test. */
export class CommandConnection extends Duplex {
  readonly #child;
  #said = '';

  constructor(command: string, args: readonly string[]) {
    super();
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.once('error', (error) => this.destroy(error));
    // A command that ends early breaks the pipe before its last words are read: `close` comes after them.
    this.#child.stdin.on('error', () => this.#child.kill());
    this.#child.stderr.on('data', (chunk: Buffer) => {
      // What ssh says last is the reason; a chatty banner must not grow without bound.
      this.#said = (this.#said + chunk.toString()).slice(-1000);
    });
    this.#child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) this.#child.stdout.pause();
    });
    this.#child.once('close', (status) => this.#ended(status));
  }

  #ended(status: number | null): void {
    if (status === 0 || this.destroyed) this.push(null);
    else this.destroy(new Error(this.#said.trim() || `ssh ended with status ${status}`));
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, (error) => {
      if (!error) done();
    });
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  // node:http calls these on every connection it keeps; a pipe has none of them.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    this.#child.ref();
    return this;
  }
  unref(): this {
    this.#child.unref();
    return this;
  }
}
