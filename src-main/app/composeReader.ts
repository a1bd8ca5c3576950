import { open, realpath, stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { ComposeFileReader } from '#compose/loadOptions.ts';
import { AppFailure } from '#contract/errors.ts';

/** The loader's files, from the disk. Remembers every path that was asked for, there or not: those are what to watch. */
export class DiskReader implements ComposeFileReader {
  readonly #asked = new Set<string>();

  get asked(): readonly string[] {
    return [...this.#asked].sort();
  }

  async readText(file: string, limit: number): Promise<string | undefined> {
    this.#asked.add(file);
    const handle = await open(file, 'r').catch((thrown: unknown) => ifMissing(thrown, file));
    if (handle === undefined) return undefined;
    try {
      const { size } = await handle.stat();
      if (size > limit) throw unreadable(file, `larger than ${limit} bytes`);
      const bytes = await handle.readFile();
      if (bytes.length > limit) throw unreadable(file, `larger than ${limit} bytes`);
      return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
    } catch (thrown) {
      if (thrown instanceof AppFailure) throw thrown;
      throw unreadable(file, reasonOf(thrown), thrown);
    } finally {
      await handle.close();
    }
  }

  async kind(file: string): Promise<'file' | 'folder' | 'other' | undefined> {
    this.#asked.add(file);
    const facts = await stat(file).catch((thrown: unknown) => ifMissing(thrown, file));
    if (facts === undefined) return undefined;
    if (facts.isFile()) return 'file';
    return facts.isDirectory() ? 'folder' : 'other';
  }

  async pause(): Promise<void> {
    await setImmediate();
  }

  async realPath(file: string): Promise<string> {
    return realpath(file).catch(() => file);
  }
}

/** UTF-8, unless the file begins with the mark of UTF-16, as some Windows tools write it; YAML is either. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

function ifMissing(thrown: unknown, file: string): undefined {
  const code = codeOf(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw unreadable(file, reasonOf(thrown), thrown);
}

function unreadable(file: string, reason: string, cause?: unknown): AppFailure {
  const at = { file, line: 1, column: 1 };
  return new AppFailure(
    { kind: 'compose.invalid', at, message: `${file} cannot be read: ${reason}.` },
    { cause },
  );
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
}

function reasonOf(thrown: unknown): string {
  switch (codeOf(thrown)) {
    case 'EACCES':
    case 'EPERM':
      return 'no permission';
    case 'EISDIR':
      return 'it is a folder';
    case 'ELOOP':
      return 'its symbolic links lead in a circle';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8 text';
    default:
      return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
