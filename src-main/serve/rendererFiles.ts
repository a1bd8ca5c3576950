import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** One file of the built window. */
export interface RendererFile {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Files below this folder carry their hash in their name and never change. */
const HASHED_FOLDER = 'assets/';

/** Reads a file of the window by the path of its address; undefined where there is none, or where it is outside. */
export async function readRendererFile(root: string, pathname: string): Promise<RendererFile | undefined> {
  const relative = relativePath(pathname);
  if (relative === undefined) return undefined;
  const type = TYPES[path.extname(relative)];
  if (type === undefined) return undefined;
  const bytes = await readIfThere(path.join(root, relative));
  if (bytes === undefined) return undefined;
  const cache = relative.startsWith(HASHED_FOLDER) ? 'public, max-age=31536000, immutable' : 'no-store';
  return { bytes, headers: { 'Content-Type': type, 'Cache-Control': cache } };
}

/** The path below the root, or undefined for one that leads out of it. */
export function relativePath(pathname: string): string | undefined {
  const decoded = decode(pathname);
  if (decoded === undefined || decoded.includes('\0') || decoded.includes('\\')) return undefined;
  const relative = path.posix.normalize(decoded.replace(/^\/+/, ''));
  if (relative === '.' || relative === '') return 'index.html';
  return relative === '..' || relative.startsWith('../') ? undefined : relative;
}

function decode(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined; // a broken escape names no file
  }
}

async function readIfThere(file: string): Promise<Buffer<ArrayBuffer> | undefined> {
  try {
    return await readFile(file);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw thrown;
  }
}
