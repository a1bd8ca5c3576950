import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';

const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';
const INDEX_TYPE = 'application/vnd.docker.distribution.manifest.list.v2+json';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A version 2 schema 2 manifest, the kind Docker Hub serves: https://distribution.github.io/distribution/spec/manifest-v2-2/ */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: typeof MANIFEST_TYPE;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export function imageManifest(config: Descriptor, layers: readonly Descriptor[]): Manifest {
  return { schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers };
}

export function sha256(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Pushes to and asks one registry, over plain HTTP on loopback. */
export class RegistryClient {
  readonly #base: string;
  readonly #headers: Record<string, string>;

  constructor(host: string, account?: { readonly username: string; readonly password: string }) {
    this.#base = `http://${host}`;
    this.#headers =
      account === undefined
        ? {}
        : {
            authorization: `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`,
          };
  }

  /** The digest a tag points to, or undefined. */
  async tagDigest(repository: string, tag: string): Promise<string | undefined> {
    const response = await this.#call(`/v2/${repository}/manifests/${tag}`, {
      method: 'HEAD',
      headers: { accept: `${MANIFEST_TYPE}, ${INDEX_TYPE}` },
    });
    if (response.status === 404) return undefined;
    must(response, 200);
    return response.headers.get('docker-content-digest') ?? undefined;
  }

  /** The manifest a tag points to, or undefined. */
  async manifest(repository: string, tag: string): Promise<Manifest | undefined> {
    const response = await this.#call(`/v2/${repository}/manifests/${tag}`, {
      headers: { accept: MANIFEST_TYPE },
    });
    if (response.status === 404) return await discard(response);
    return (await must(response, 200).json()) as Manifest;
  }

  /** The labels in the configuration of the image a tag points to, or undefined when there is none. */
  async labels(repository: string, tag: string): Promise<Record<string, string> | undefined> {
    const manifest = await this.manifest(repository, tag);
    if (manifest === undefined) return undefined;
    const blob = await this.#call(`/v2/${repository}/blobs/${manifest.config.digest}`);
    if (blob.status === 404) return await discard(blob);
    const config = (await must(blob, 200).json()) as { config?: { Labels?: Record<string, string> } };
    return config.config?.Labels ?? {};
  }

  /** The bytes of a blob; only for small ones. */
  async blob(repository: string, digest: string): Promise<Uint8Array> {
    const response = must(await this.#call(`/v2/${repository}/blobs/${digest}`), 200);
    return new Uint8Array(await response.arrayBuffer());
  }

  async hasBlob(repository: string, digest: string): Promise<boolean> {
    const response = await this.#call(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD' });
    return response.status === 200;
  }

  /** Makes a blob of another repository of this registry known in `repository`, without copying. */
  async mountBlob(repository: string, digest: string, from: string): Promise<void> {
    const response = await this.#call(`/v2/${repository}/blobs/uploads/?mount=${digest}&from=${from}`, {
      method: 'POST',
    });
    must(response, 201);
  }

  async pushBlob(repository: string, bytes: Uint8Array): Promise<Descriptor['digest']> {
    const digest = sha256(bytes);
    if (!(await this.hasBlob(repository, digest)))
      await this.#upload(repository, digest, new Uint8Array(bytes), bytes.byteLength);
    return digest;
  }

  async pushFile(repository: string, file: { path: string; digest: string; size: number }): Promise<void> {
    if (await this.hasBlob(repository, file.digest)) return;
    await this.#upload(
      repository,
      file.digest,
      Readable.toWeb(createReadStream(file.path)) as ReadableStream,
      file.size,
    );
  }

  async pushManifest(
    repository: string,
    tag: string,
    manifest: object & { readonly mediaType: string },
  ): Promise<void> {
    const response = await this.#call(`/v2/${repository}/manifests/${tag}`, {
      method: 'PUT',
      headers: { 'content-type': manifest.mediaType },
      body: JSON.stringify(manifest),
    });
    must(response, 201);
  }

  async #upload(
    repository: string,
    digest: string,
    body: ReadableStream | Uint8Array<ArrayBuffer>,
    size: number,
  ): Promise<void> {
    const opened = must(await this.#call(`/v2/${repository}/blobs/uploads/`, { method: 'POST' }), 202);
    const location = new URL(opened.headers.get('location') ?? '', this.#base);
    location.searchParams.set('digest', digest);
    const response = await this.#call(location.pathname + location.search, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
      // fetch wants to be told that a streamed body is sent before the answer is read
      ...{ duplex: 'half' },
    });
    must(response, 201);
  }

  async #call(path: string, init: RequestInit = {}): Promise<Response> {
    return await fetch(this.#base + path, { ...init, headers: { ...this.#headers, ...init.headers } });
  }
}

async function discard(response: Response): Promise<undefined> {
  await response.body?.cancel();
  return undefined;
}

function must(response: Response, status: number): Response {
  if (response.status === status) return response;
  throw new Error(`The registry answered ${response.status} instead of ${status} for ${response.url}`);
}
