import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** What the registry does wrong on purpose. */
export type Fault =
  | 'none'
  /** The connection breaks in the middle of the manifest. */
  | 'dropManifest'
  /** 429 with Retry-After. */
  | 'rateLimited'
  /** 401 whatever is sent. */
  | 'expired'
  | 'forbidden'
  /** A page for people, with status 200. */
  | 'html'
  /** Another manifest than the digest that it promises. */
  | 'corruptManifest'
  | 'corruptLayer'
  | 'truncatedLayer'
  /** The connection breaks in the middle of a layer, once. */
  | 'cutLayerOnce'
  /** The last layer of an image begins and never ends. */
  | 'holdLastLayer';

export const ACCOUNT = { username: 'ada', password: 'planted-registry-secret' } as const;

const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** A small registry in this process: takes pushes, serves pulls, asks for a token when told to, and fails when told to. */
export class TestRegistry {
  fault: Fault = 'none';
  login: 'open' | 'token' | 'basic' = 'open';
  /** `GET /v2/…`, in order. */
  readonly asked: string[] = [];
  /** The `Range` of every layer that was asked for in part. */
  readonly ranges: string[] = [];
  readonly #server: Server;
  readonly #blobs = new Map<string, Buffer>();
  readonly #uploads = new Map<string, Buffer[]>();
  readonly #manifests = new Map<string, { readonly bytes: Buffer; readonly type: string }>();
  readonly #tokens = new Set<string>();
  /** The last layer of what was published last. */
  #last = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<TestRegistry> {
    const registry = new TestRegistry();
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** An image of layers that no engine can have yet. It holds a file for each and runs nothing. The layers' digests. */
  async publish(repository: string, tag: string, layers = 1): Promise<readonly string[]> {
    const contents = await Promise.all(Array.from({ length: layers }, (_, at) => layerOf(`mark${at}`)));
    const packed = contents.map((layer) => this.#keep(gzipSync(layer)));
    this.#last = packed.at(-1)?.digest ?? '';
    const config = this.#keep(
      Buffer.from(
        JSON.stringify({
          os: 'linux',
          architecture: 'amd64',
          config: { Cmd: ['/none'] },
          rootfs: { type: 'layers', diff_ids: contents.map(digest) },
        }),
      ),
    );
    const body = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...config },
      layers: packed.map((layer) => ({ mediaType: LAYER, ...layer })),
    };
    const entry = { bytes: Buffer.from(JSON.stringify(body)), type: MANIFEST };
    for (const name of [tag, digest(entry.bytes)]) this.#manifests.set(`${repository}:${name}`, entry);
    return packed.map((layer) => layer.digest);
  }

  #keep(bytes: Buffer): { readonly digest: string; readonly size: number } {
    this.#blobs.set(digest(bytes), bytes);
    return { digest: digest(bytes), size: bytes.length };
  }

  /** The digest that a tag names. */
  digestOf(repository: string, tag: string): string {
    const found = this.#manifests.get(`${repository}:${tag}`);
    if (found === undefined) throw new Error(`nobody pushed ${repository}:${tag}`);
    return digest(found.bytes);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? '/', `http://${this.host}`);
    this.asked.push(`${request.method} ${url.pathname}`);
    const body = await bodyOf(request);
    if (url.pathname === '/token') return this.#giveToken(request, response);
    if (!this.#mayEnter(request)) return this.#challenge(response);
    if (url.pathname === '/v2/') return reply(response, 200, '{}');
    if (this.fault === 'rateLimited')
      return reply(response, 429, error('TOOMANYREQUESTS'), { 'retry-after': '77' });
    if (this.fault === 'forbidden') return reply(response, 403, error('DENIED'));
    const [, repository = '', kind = '', name = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === 'manifests') return this.#manifest(request, response, { repository, name, body });
    if (kind === 'blobs') return this.#blob(request, response, { name, body, url });
    return reply(response, 404, error('NAME_UNKNOWN'));
  }

  #mayEnter({ headers }: IncomingMessage): boolean {
    if (this.fault === 'expired') return false;
    const [scheme = '', secret = ''] = (headers.authorization ?? '').split(' ');
    if (this.login === 'token') return scheme === 'Bearer' && this.#tokens.has(secret);
    return this.login === 'open' || isAccount(scheme, secret);
  }

  #challenge(response: ServerResponse): ServerResponse {
    const basic = this.login === 'basic' || this.fault === 'expired';
    const challenge = basic
      ? 'Basic realm="test"'
      : `Bearer realm="http://${this.host}/token",service="test"`;
    return reply(response, 401, error('UNAUTHORIZED'), { 'www-authenticate': challenge });
  }

  #giveToken({ headers }: IncomingMessage, response: ServerResponse): ServerResponse {
    const [scheme = '', secret = ''] = (headers.authorization ?? '').split(' ');
    if (!isAccount(scheme, secret)) return reply(response, 401, error('UNAUTHORIZED'));
    const token = randomUUID();
    this.#tokens.add(token);
    return reply(response, 200, JSON.stringify({ token }));
  }

  #manifest(
    request: IncomingMessage,
    response: ServerResponse,
    { repository, name, body }: { readonly repository: string; readonly name: string; readonly body: Buffer },
  ): ServerResponse {
    if (request.method === 'PUT') {
      const entry = { bytes: body, type: request.headers['content-type'] ?? MANIFEST };
      this.#manifests.set(`${repository}:${name}`, entry);
      this.#manifests.set(`${repository}:${digest(body)}`, entry);
      return reply(response, 201, '', { 'docker-content-digest': digest(body) });
    }
    const found = this.#manifests.get(`${repository}:${name}`);
    if (found === undefined) {
      const known = [...this.#manifests.keys()].some((key) => key.startsWith(`${repository}:`));
      return reply(response, 404, error(known ? 'MANIFEST_UNKNOWN' : 'NAME_UNKNOWN'));
    }
    if (this.fault === 'html')
      return reply(response, 200, '<html>Welcome!</html>', { 'content-type': 'text/html' });
    const headers = { 'content-type': found.type, 'docker-content-digest': digest(found.bytes) };
    if (this.fault === 'dropManifest') return dropAfter(response, found.bytes, headers);
    const bytes =
      this.fault === 'corruptManifest' ? Buffer.concat([found.bytes, Buffer.from(' ')]) : found.bytes;
    return reply(response, 200, request.method === 'HEAD' ? '' : bytes, {
      ...headers,
      'ratelimit-limit': '100;w=21600',
      'ratelimit-remaining': '76;w=21600',
      ...(request.method === 'HEAD' ? { 'content-length': String(bytes.length) } : {}),
    });
  }

  #blob(
    request: IncomingMessage,
    response: ServerResponse,
    { name, body, url }: { readonly name: string; readonly body: Buffer; readonly url: URL },
  ): ServerResponse {
    if (name.startsWith('uploads/')) return this.#upload(request, response, { name, body, url });
    const blob = this.#blobs.get(name);
    if (blob === undefined) return reply(response, 404, error('BLOB_UNKNOWN'));
    const isLayer = blob[0] === 0x1f;
    if (isLayer && this.fault === 'truncatedLayer') return dropAfter(response, blob, {});
    if (isLayer && request.method === 'GET' && this.fault === 'cutLayerOnce') {
      this.fault = 'none';
      return dropAfter(response, blob, {});
    }
    if (name === this.#last && request.method === 'GET' && this.fault === 'holdLastLayer') {
      response.writeHead(200, { 'content-length': String(blob.length) });
      response.write(blob.subarray(0, 1));
      return response;
    }
    const from = /^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1];
    if (isLayer && from !== undefined) {
      this.ranges.push(`${from}-`);
      const range = `bytes ${from}-${blob.length - 1}/${blob.length}`;
      return reply(response, 206, blob.subarray(Number(from)), { 'content-range': range });
    }
    const corrupt = isLayer && this.fault === 'corruptLayer';
    if (request.method === 'HEAD') return reply(response, 200, '', { 'content-length': String(blob.length) });
    return reply(response, 200, corrupt ? flipped(blob) : blob, { 'docker-content-digest': name });
  }

  #upload(
    request: IncomingMessage,
    response: ServerResponse,
    { name, body, url }: { readonly name: string; readonly body: Buffer; readonly url: URL },
  ): ServerResponse {
    const id = name.slice('uploads/'.length) || randomUUID();
    const parts = this.#uploads.get(id) ?? [];
    this.#uploads.set(id, [...parts, body]);
    const bytes = Buffer.concat([...parts, body]);
    const location = `${url.pathname.replace(/uploads\/.*$/, 'uploads/')}${id}`;
    if (request.method !== 'PUT')
      return reply(response, 202, '', {
        location,
        range: `0-${Math.max(0, bytes.length - 1)}`,
        'docker-upload-uuid': id,
      });
    this.#blobs.set(url.searchParams.get('digest') ?? '', bytes);
    return reply(response, 201, '', { location, 'docker-content-digest': digest(bytes) });
  }
}

async function layerOf(name: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name }, randomUUID().repeat(200));
  tar.finalize();
  return buffer(tar);
}

function isAccount(scheme: string, secret: string): boolean {
  const wanted = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
  return scheme === 'Basic' && secret === wanted;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function reply(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  response.writeHead(status, { 'docker-distribution-api-version': 'registry/2.0', ...headers });
  return response.end(body);
}

/** Promises all of it, sends half, and hangs up. */
function dropAfter(
  response: ServerResponse,
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
): ServerResponse {
  response.writeHead(200, { ...headers, 'content-length': String(bytes.length) });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
  return response;
}

/** The same length, one bit of it wrong. */
function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = Math.floor(copy.length / 2);
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function error(code: string): string {
  return JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] });
}
