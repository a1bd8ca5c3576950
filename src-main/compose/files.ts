import { AppFailure } from '#contract/errors.ts';
import type { ComposeFileReader } from './loadOptions.ts';
import type { Problems } from './problems.ts';
import { SourceFile } from './source.ts';
import type { Place } from './yaml/nodes.ts';
import { parseYaml } from './yaml/parse.ts';
import type { RawNode } from './yaml/raw.ts';

/** Larger than any compose or environment file written by hand or by a generator, small enough to read in a moment. */
export const FILE_SIZE_LIMIT = 8 * 1024 * 1024;
/** All files of a load together: what hundreds of large ones would take. */
const TOTAL_SIZE_LIMIT = 4 * FILE_SIZE_LIMIT;
/** From here on, in characters, each stage of a load takes a good part of a tenth of a second. */
const LARGE_SIZE = 256 * 1024;
/** A load of more files than this is a mistake or an attack. */
const FILE_COUNT_LIMIT = 2_000;

/** Reads files once per load, and turns what goes wrong into errors of the place that named the file. */
export class Files {
  readonly #reader: ComposeFileReader;
  readonly #problems: Problems;
  readonly #read = new Map<string, Promise<string | undefined>>();
  readonly #unreadable = new Set<string>();
  #size = 0;
  readonly #parsed = new Map<string, readonly RawNode[]>();

  constructor(reader: ComposeFileReader, problems: Problems) {
    this.#reader = reader;
    this.#problems = problems;
  }

  /** The YAML documents of a file, parsed once; undefined as for `text`. */
  async documents(path: string, namedBy?: Place): Promise<readonly RawNode[] | undefined> {
    const before = this.#parsed.get(path);
    if (before !== undefined) return before;
    const text = await this.text(path, namedBy);
    if (text === undefined) return undefined;
    const documents = parseYaml(new SourceFile(path, text), this.#problems);
    this.#parsed.set(path, documents);
    return documents;
  }

  /** The text of a file, undefined when it is not there or cannot be read (then an error is recorded). */
  async text(path: string, namedBy?: Place): Promise<string | undefined> {
    let reading = this.#read.get(path);
    if (reading === undefined) {
      if (this.#read.size >= FILE_COUNT_LIMIT) {
        this.#problems.invalid({ message: `This project has more than ${FILE_COUNT_LIMIT} files.` });
        return undefined;
      }
      if (this.#size > TOTAL_SIZE_LIMIT) {
        this.#problems.invalid({
          message: `The files of this project are larger than ${TOTAL_SIZE_LIMIT} bytes.`,
        });
        return undefined;
      }
      reading = this.#reader.readText(path, FILE_SIZE_LIMIT);
      reading.then(
        (text) => (this.#size += text?.length ?? 0),
        () => undefined,
      );
      this.#read.set(path, reading);
    }
    try {
      return await reading;
    } catch (thrown) {
      if (!(thrown instanceof AppFailure)) throw thrown;
      this.#unreadable.add(path);
      if (namedBy === undefined) this.#problems.add(thrown.error);
      else this.#problems.invalid({ message: thrown.error.message, place: namedBy });
      return undefined;
    }
  }

  /** Lets others have the thread where so much was read that a stage of the load is felt. */
  async pause(): Promise<void> {
    if (this.#size > LARGE_SIZE) await this.#reader.pause?.();
  }

  /** Whether a file is there but could not be read, which has been said. */
  isUnreadable(path: string): boolean {
    return this.#unreadable.has(path);
  }

  /** What stands at a path; what cannot be looked at counts as something else than a file. */
  async kind(path: string): Promise<'file' | 'folder' | 'other' | undefined> {
    try {
      return await this.#reader.kind(path);
    } catch (thrown) {
      if (thrown instanceof AppFailure) return 'other';
      throw thrown;
    }
  }
}
