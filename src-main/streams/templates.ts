import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rowMeta } from './logStore/block.ts';
import { compareInstants, fromMs } from './logStore/instant.ts';
import type { Lane } from './logStore/lane.ts';
import { LaneCursor } from './logStore/laneCursor.ts';
import type { LogStore } from './logStore/logStore.ts';
import { KIND_MASK, KIND_TTY } from './logStore/rows.ts';
import { rowText } from './logStore/wholeLine.ts';
import { Slice } from './slice.ts';

/** What a line is like beyond its beginning says nothing new. */
const TEMPLATE_BYTES = 400;
/** A service that logs more kinds of lines than this has no templates, but the memory has a bound. */
const MAX_TEMPLATES = 50_000;
const SLICE_MS = 5;

/**
 * What stays of a line when all that differs from one time to the next is taken out: times, numbers, ids, addresses, quoted
 * values. As a 53-bit hash, since only equality counts.
 */
export function templateOf(line: Buffer): number {
  return hash(reduceLine(line.toString('latin1', 0, Math.min(line.length, TEMPLATE_BYTES))));
}

/** The template as text. Quoted values of keys stay, since there the message is; for tests and for those who want to see it. */
export function reduceLine(line: string): string {
  return line
    .replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '#')
    .replace(/(?<![=:]\s?|[{,])"(?:[^"\\]|\\.)*"(?!\s*:)/g, '"#"')
    .replace(/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/g, '#')
    .replace(/\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{6,}\b/gi, '#')
    .replace(/[+-]?\d[\d.,:]*/g, '#')
    .replace(/(?:#[\sT/:.+-]*)+/g, '#')
    .trimEnd();
}

/** cyrb53: two 32-bit hashes mixed; no two of 50 000 templates are likely to meet. */
function hash(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}

interface TimeOfBoot {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The templates of all boots that ended green, beside the store. */
export class KnownTemplates {
  readonly #file: string;
  readonly #known: Set<number>;

  private constructor(file: string, known: Set<number>) {
    this.#file = file;
    this.#known = known;
  }

  static async open(folder: string): Promise<KnownTemplates> {
    const file = path.join(folder, 'templates');
    return new KnownTemplates(file, new Set(await read(file)));
  }

  get size(): number {
    return this.#known.size;
  }

  /** No good boot yet: then nothing can be new against it. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** Has no good boot shown a line like this? */
  readonly isNew = (line: Buffer): boolean => !this.isEmpty && !this.#known.has(templateOf(line));

  /**
   * A boot ended green: what its lines were like is known from now on, all of it at once, since what is known of some services
   * only would show the lines of the others as new. The oldest go when there are too many.
   */
  async learn(store: LogStore, boot: TimeOfBoot): Promise<void> {
    const slice = new Slice(SLICE_MS);
    const seen = new Set<number>();
    for (const lane of store.lanes) await addTemplates(seen, lane, boot, slice);
    for (const template of seen) addNewest(this.#known, template);
    await this.#save();
  }

  async #save(): Promise<void> {
    const values = Float64Array.from(this.#known);
    const aside = `${this.#file}.new`;
    await mkdir(path.dirname(this.#file), { recursive: true });
    await writeFile(aside, Buffer.from(values.buffer));
    await rename(aside, this.#file);
  }
}

async function addTemplates(seen: Set<number>, lane: Lane, boot: TimeOfBoot, slice: Slice): Promise<void> {
  lane.seal();
  const cursor = new LaneCursor(lane, { type: 'at', position: { ...fromMs(boot.fromMs), block: 0, row: 0 } });
  const end = fromMs(boot.untilMs);
  for (await cursor.load(); cursor.block !== undefined; ) {
    if (compareInstants(cursor, end) > 0) break;
    if ((rowMeta(cursor.block, cursor.row) & KIND_MASK) <= KIND_TTY)
      addNewest(seen, templateOf(rowText(cursor)));
    cursor.advance();
    if (!cursor.ready) await cursor.load();
    if (slice.isOver) await slice.next();
  }
}

/** Adds it as the newest; of too many the oldest goes. */
function addNewest(templates: Set<number>, template: number): void {
  templates.delete(template);
  templates.add(template);
  if (templates.size <= MAX_TEMPLATES) return;
  for (const oldest of templates) {
    templates.delete(oldest);
    return;
  }
}

async function read(file: string): Promise<readonly number[]> {
  try {
    const bytes = await readFile(file);
    return Array.from({ length: Math.floor(bytes.length / 8) }, (_, index) => bytes.readDoubleLE(index * 8));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
}
