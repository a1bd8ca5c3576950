import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { AppFailure, throwIfCancelled } from '#contract/errors.ts';
import { commandLine, type ManifestSource } from './environments.ts';
import { MANIFEST_LIMIT_BYTES } from './manifest/parseManifest.ts';
import { cleanText } from './manifest/read.ts';
import { limitedBody } from './registry/registryFailure.ts';

export interface FetchManifest {
  readonly source: ManifestSource;
  /** What relative files start from, and where a command runs. Absolute. */
  readonly folder: string;
  /** For a command. */
  readonly environment: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal | undefined;
}

/** A cluster behind a VPN takes its time; one that is not there must not keep the window waiting. */
const TIMEOUT_MS = 60_000;

/** The manifest's text. Whoever calls has asked the user about a command. Rejects with `input.invalid`, `path.missing`, `cancelled`. */
export async function fetchManifest(request: FetchManifest): Promise<string> {
  const { source, folder } = request;
  switch (source.type) {
    case 'file':
      return readManifestFile(path.resolve(folder, source.file));
    case 'url':
      return download(source.url, request);
    case 'command':
      return run(source.command, request);
    case 'images':
      return source.text;
  }
}

async function readManifestFile(file: string): Promise<string> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new AppFailure({ kind: 'path.missing', path: file, message: `${file} cannot be read.` }, { cause });
  });
  try {
    const facts = await handle.stat();
    if (!facts.isFile() || facts.size > MANIFEST_LIMIT_BYTES)
      throw invalid(`${file} is ${facts.isFile() ? 'too large for a manifest' : 'no file'}.`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Nobody on the way may put another image under the developer's debugger: so no address in clear but this machine's own. */
async function download(address: string, request: FetchManifest): Promise<string> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const loopback = url !== undefined && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)))
    throw invalid(`${address} is no https address.`);
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
  try {
    const answer = await request.fetch(url, { signal });
    if (!answer.ok) throw invalid(`${url.host} answered ${answer.status} for the manifest.`);
    if (url.protocol === 'https:' && !answer.url.startsWith('https:'))
      throw invalid(`${url.host} leads to an address in clear.`);
    const bytes = await limitedBody(answer, MANIFEST_LIMIT_BYTES);
    if (bytes === undefined) throw invalid(`What ${url.host} sends is too large for a manifest.`);
    return Buffer.from(bytes).toString('utf8');
  } catch (thrown) {
    throwIfCancelled(request.signal);
    if (thrown instanceof AppFailure) throw thrown;
    throw new AppFailure(
      { kind: 'input.invalid', field: 'url', message: `${url.host} cannot be reached.` },
      { cause: thrown },
    );
  }
}

function run([program = '', ...args]: readonly string[], request: FetchManifest): Promise<string> {
  return new Promise((resolve, reject) => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const child = spawn(program, args, {
      cwd: request.folder,
      env: { ...request.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
      windowsHide: true,
    });
    const output = collect(child.stdout, MANIFEST_LIMIT_BYTES, () => child.kill());
    const errors = collect(child.stderr, 4096, () => undefined);
    const said = commandLine([program, ...args]);
    child.on('error', (cause) => {
      if (request.signal?.aborted) return reject(request.signal.reason);
      const missing = 'code' in cause && cause.code === 'ENOENT';
      reject(invalid(missing ? `There is no ${program}.` : `${said} took too long.`, cause));
    });
    child.on('close', (code) => {
      if (code === 0 && !output.cut()) return resolve(output.text());
      if (output.cut()) return reject(invalid(`What ${said} prints is too large for a manifest.`));
      const last = cleanText(errors.text().trim().split('\n').at(-1) ?? '');
      reject(invalid(`${said} ended with ${code ?? 'a signal'}${last ? `: ${last}` : ''}.`));
    });
  });
}

function collect(stream: NodeJS.ReadableStream, limit: number, onTooMuch: () => void) {
  const parts: Buffer[] = [];
  let length = 0;
  stream.on('data', (part: Buffer) => {
    length += part.length;
    if (length > limit) onTooMuch();
    else parts.push(part);
  });
  return { text: () => Buffer.concat(parts).toString('utf8'), cut: () => length > limit };
}

function invalid(message: string, cause?: unknown): AppFailure {
  return new AppFailure({ kind: 'input.invalid', field: 'production', message }, { cause });
}
