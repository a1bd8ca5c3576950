import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Duplex as NodeDuplex, Readable } from 'node:stream';
import Docker from 'dockerode';
import { type AppFailure, throwIfCancelled } from '#contract/errors.ts';
import type { EngineEndpoint } from '../endpoints.ts';
import type { RegistryAuth } from '../images.ts';
import { type Agents, createAgents } from './agents.ts';
import { byteSource, type PausableSource } from './byteSource.ts';
import { DirectStream } from './directStream.ts';
import { type About, failureOfAnswer, failureOfConnection, isSuccess, wasReset } from './errors.ts';
import { record, text } from './raw.ts';
import { ReadPacer } from './readPacer.ts';

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Without version; its parts already encoded (`encoded`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  readonly upload?: AsyncIterable<Uint8Array> | undefined;
  readonly headers?: Readonly<Record<string, string | string[]>> | undefined;
  readonly about: About;
  readonly signal?: AbortSignal | undefined;
  /** Asked in no version: what every engine answers, whichever it speaks. */
  readonly unversioned?: boolean;
  /** The engine answers late: it must not keep the connections of others busy. */
  readonly holds?: boolean;
}

/** A stream takes its connection with it. */
type Use = 'call' | 'stream';

/** The engine's answers are small; what is larger than this is not one. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** docker-modem judges no status: errors.ts is the one to read it. */
const ANY_STATUS = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]));

/**
 * Requests over dockerode's modem (sockets, pipes, TLS, upgrades). dockerode's own methods are not used: they never settle
 * when the engine dies in the middle of an answer, hold whole answers in memory, and lose back-pressure on attached input.
 */
export class Transport {
  readonly endpoint: EngineEndpoint;
  readonly requests = { count: 0 };
  readonly #agents: Agents;
  readonly #calls: Docker;
  readonly #lateCalls: Docker;
  readonly #streams: Docker;
  readonly #pacer = new ReadPacer();
  readonly #open = new Set<() => void>();
  #version = '';

  constructor(endpoint: EngineEndpoint) {
    this.endpoint = endpoint;
    this.#agents = createAgents(endpoint.address);
    this.#calls = new Docker(modemOptions(endpoint, this.#agents.calls));
    this.#lateCalls = new Docker(modemOptions(endpoint, this.#agents.lateCalls));
    this.#streams = new Docker(modemOptions(endpoint, this.#agents.streams));
  }

  /** From now on every request names this version. */
  speak(version: string): void {
    this.#version = `/v${version}`;
  }

  /** The answer as JSON; undefined where it has no body. */
  async json(request: EngineRequest): Promise<unknown> {
    const response = await this.#respond(request);
    const body = await this.#body(response, MAX_ANSWER_BYTES, request);
    return body === '' ? undefined : JSON.parse(body);
  }

  /** Asks, and lets the answer's body go by. */
  async run(request: EngineRequest): Promise<void> {
    await this.#body(await this.#respond(request), MAX_ANSWER_BYTES, request);
  }

  /** A header of the answer. */
  async header(request: EngineRequest, name: string): Promise<string> {
    const response = await this.#respond(request);
    await this.#body(response, MAX_ERROR_BYTES, request);
    return text(response.headers[name]);
  }

  /** The answer's body, read as it is asked for. Resolves once the engine has accepted the request. */
  async stream(request: EngineRequest): Promise<PausableSource> {
    return this.#source(await this.#respond(request, 'stream'), request);
  }

  /** As `stream`, for what may be a flood of small chunks. */
  flood(request: EngineRequest): Promise<PausableSource> {
    return this.#direct(request, this.#pacer);
  }

  /** As `stream`, for small chunks that come for hours, from many connections at once. */
  trickle(request: EngineRequest): Promise<PausableSource> {
    return this.#direct(request);
  }

  async #direct(request: EngineRequest, pacer?: ReadPacer): Promise<PausableSource> {
    const { address } = this.endpoint;
    if (address.type !== 'unix') return this.stream(request);
    throwIfCancelled(request.signal);
    if (request.signal !== undefined) setMaxListeners(0, request.signal);
    this.requests.count++;
    const stream = new DirectStream({
      socketPath: address.path,
      path: this.#pathOf(request),
      signal: request.signal,
      pacer,
      failure: (thrown) => this.failure(thrown, request.signal),
    });
    this.#open.add(stream.close);
    stream.onEnd = () => this.#open.delete(stream.close);
    const status = await stream.status;
    if (!isSuccess(status)) {
      const said = await collect(stream, MAX_ERROR_BYTES, request.about);
      throw failureOfAnswer(status, messageOf(said), request.about);
    }
    return stream;
  }

  /** Takes the connection over, both ways (`Upgrade: tcp`). */
  async hijack(
    request: EngineRequest,
  ): Promise<{ readonly socket: NodeDuplex; readonly source: PausableSource }> {
    const socket = await this.#dial(request, 'stream', { hijack: true, openStdin: false });
    if (isResponse(socket)) {
      await this.#rejectUnlessSuccess(socket, request);
      socket.destroy();
      throw failureOfAnswer(500, 'The engine does not let its connection be taken over.', request.about);
    }
    return { socket, source: this.#source(socket, request) };
  }

  failure(thrown: unknown, signal?: AbortSignal): AppFailure {
    return failureOfConnection(thrown, this.endpoint.url, signal);
  }

  close(): void {
    for (const close of [...this.#open]) close();
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #source(stream: Readable, request: EngineRequest): PausableSource {
    const source = byteSource(stream, {
      signal: request.signal,
      failure: (thrown) => this.failure(thrown, request.signal),
      onEnd: () => this.#open.delete(source.close),
    });
    if (!stream.destroyed) this.#open.add(source.close);
    return source;
  }

  async #respond(request: EngineRequest, use: Use = 'call'): Promise<IncomingMessage> {
    const response = await this.#dial(request, use);
    if (!isResponse(response)) throw this.failure(new Error('unexpected upgrade'));
    await this.#rejectUnlessSuccess(response, request);
    return response;
  }

  async #rejectUnlessSuccess(response: IncomingMessage, request: EngineRequest): Promise<void> {
    const status = response.statusCode ?? 0;
    if (isSuccess(status)) return;
    const said = await this.#body(response, MAX_ERROR_BYTES, request);
    throw failureOfAnswer(status, messageOf(said), request.about);
  }

  async #dial(
    request: EngineRequest,
    use: Use,
    extra: Record<string, unknown> = {},
  ): Promise<NodeDuplex | IncomingMessage> {
    throwIfCancelled(request.signal);
    // One signal ends a whole run, or the streams of every row on screen; older Node warns of the eleventh call it holds.
    if (request.signal !== undefined) setMaxListeners(0, request.signal);
    try {
      return await this.#dialOnce(request, use, extra);
    } catch (thrown) {
      if (request.method !== 'GET' || !wasReset(thrown) || request.signal?.aborted) {
        throw this.failure(thrown, request.signal);
      }
      return await this.#dialOnce(request, use, extra).catch((again) => {
        throw this.failure(again, request.signal);
      });
    }
  }

  #dialOnce(
    request: EngineRequest,
    use: Use,
    extra: Record<string, unknown>,
  ): Promise<NodeDuplex | IncomingMessage> {
    this.requests.count++;
    const upload =
      request.upload === undefined ? undefined : Readable.from(request.upload, { objectMode: false });
    const { modem } = this.#connectionsFor(request, use);
    const answered = new Promise<NodeDuplex | IncomingMessage>((resolve, reject) => {
      // The body's own failure is the reason, not the connection that it takes down.
      upload?.on('error', reject);
      modem.dial(
        {
          path: `${request.unversioned ? '' : this.#version}${request.path}?`,
          method: request.method,
          ...(request.headers === undefined ? {} : { headers: { ...request.headers } }),
          options: { _query: defined(request.query), _body: request.body ?? {} },
          statusCodes: ANY_STATUS,
          isStream: true,
          ...(request.signal === undefined ? {} : { abortSignal: request.signal }),
          ...(upload === undefined ? {} : { file: upload }),
          ...extra,
        } as unknown as Parameters<typeof modem.dial>[0],
        (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer as NodeDuplex)),
      );
    });
    if (upload !== undefined) endWith(upload, answered);
    return answered;
  }

  #connectionsFor({ upload, holds }: EngineRequest, use: Use): Docker {
    if (use === 'stream' || upload !== undefined) return this.#streams;
    return holds ? this.#lateCalls : this.#calls;
  }

  /** All of an answer. It is small and wanted whole: it comes without the pulling of a stream, at half its cost. */
  #body(response: IncomingMessage, limit: number, request: EngineRequest): Promise<string> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let isWhole = false;
      const fail = (thrown?: unknown) => {
        if (!isWhole) reject(this.failure(thrown, request.signal));
      };
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size <= limit) return;
        reject(tooLarge(request.about));
        response.destroy();
      });
      response.once('end', () => {
        isWhole = true;
        resolve(Buffer.concat(chunks).toString());
      });
      response.once('error', fail);
      response.once('close', fail);
    });
  }

  #pathOf({ path, query, unversioned }: EngineRequest): string {
    const parameters = new URLSearchParams(
      Object.entries(defined(query)).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return `${unversioned ? '' : this.#version}${path}?${parameters}`;
  }
}

async function collect(body: AsyncIterable<Uint8Array>, limit: number, about: About): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(about);
    chunks.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(chunks).toString();
}

function tooLarge(about: About): AppFailure {
  return failureOfAnswer(500, 'The answer is larger than any answer should be.', about);
}

/** An answer may begin before the body has been read to its end: what feeds it is let go when the answer is over. */
function endWith(upload: Readable, answered: Promise<Readable>): void {
  answered.then(
    (answer) => answer.once('close', () => upload.destroy()),
    () => upload.destroy(),
  );
}

/** One part of a path: an id, a name, a reference. */
export function encoded(part: string): string {
  return encodeURIComponent(part);
}

/** As the engine wants it in X-Registry-Auth: base64url of JSON. Source: Docker Engine API, "Authentication". */
export function authHeader(auth: RegistryAuth | undefined): Record<string, string> {
  if (auth === undefined) return {};
  const { serverAddress, username, password, identityToken, registryToken } = auth;
  const fields = {
    username,
    password,
    serveraddress: serverAddress,
    identitytoken: identityToken,
    registrytoken: registryToken,
  };
  return { 'X-Registry-Auth': base64Url(JSON.stringify(fields)) };
}

/** With padding, which Node leaves out and Go insists on: a header it cannot decode counts as no login at all. */
export function base64Url(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

function isResponse(stream: NodeDuplex | IncomingMessage): stream is IncomingMessage {
  return 'statusCode' in stream;
}

function defined(query: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query ?? {}).filter(([, value]) => value !== undefined));
}

/** Docker says `{"message": …}`, podman adds `cause`; a proxy in between may say anything. */
function messageOf(body: string): string {
  try {
    const parsed = record(JSON.parse(body));
    return text(parsed['message']) || text(parsed['cause']) || body.trim();
  } catch {
    return body.trim();
  }
}

/** Every field is set, if only to undefined: the modem takes what is missing from this process's environment. */
function modemOptions(endpoint: EngineEndpoint, agent: Agents['calls']): Docker.DockerOptions {
  const { address } = endpoint;
  const tls = address.type === 'tcp' ? address.tls : undefined;
  return {
    socketPath: address.type === 'unix' || address.type === 'npipe' ? address.path : undefined,
    host: address.type === 'tcp' ? address.host : address.type === 'ssh' ? 'docker.example.com' : undefined,
    port: address.type === 'tcp' ? address.port : undefined,
    protocol: tls === undefined ? 'http' : 'https',
    pathPrefix: '/',
    username: undefined,
    timeout: undefined,
    ca: tls?.ca,
    cert: tls?.cert,
    key: tls?.key,
    agent,
  } as unknown as Docker.DockerOptions;
}
