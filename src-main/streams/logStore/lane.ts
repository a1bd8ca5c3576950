import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type Block, encodeBlock, rowEnd, rowMeta, rowStart } from './block.ts';
import { BlockBuilder } from './blockBuilder.ts';
import { ContainerEntry } from './containerEntry.ts';
import { type Instant, ZERO } from './instant.ts';
import { type LaneKey, laneFolder, sourceName } from './laneName.ts';
import {
  CONTAINER_SHIFT,
  FLAG_MORE,
  FLAG_PIECE,
  KIND_CONTAINER,
  KIND_MARKER,
  kindOf,
  metaOf,
} from './rows.ts';
import { readBlocks, Segment } from './segment.ts';

/** A new segment repeats what is known of this many containers, the latest: how to go on where each left off. */
const MAX_REMEMBERED = 256;
const MAX_CONTAINER_INDEX = 0xffff;

/** What a lane needs of its store. */
export interface LaneHost {
  readonly folder: string;
  readonly segmentBytes: number;
  nextSequence(): number;
  /** The lane has rows that are in no block yet. */
  onDirty(lane: Lane): void;
  /** A block can be read from now on, and wants to be written. */
  onSealed(lane: Lane, bytes: number): void;
  /** A segment is full; its index is to be written. */
  onRolled(segment: Segment): void;
}

/** The lines of one replica of a service, over all the containers it had: segments on disk, the last one growing. */
export class Lane {
  readonly key: LaneKey;
  readonly source: string;
  readonly sourceBytes: Uint8Array;
  readonly folder: string;
  /** Oldest first. */
  readonly segments: Segment[] = [];
  readonly #host: LaneHost;
  readonly #containers = new Map<string, ContainerEntry>();
  readonly #byIndex = new Map<number, ContainerEntry>();
  #builder = new BlockBuilder(ZERO);
  #last: Instant = ZERO;
  #nextContainer = 1;
  #nextSegment = 1;

  constructor(key: LaneKey, host: LaneHost) {
    this.key = key;
    this.#host = host;
    this.source = sourceName(key);
    this.sourceBytes = new TextEncoder().encode(this.source);
    this.folder = path.join(host.folder, laneFolder(key));
  }

  /** Reads what is on disk. A writer cuts what a kill left half written. */
  async load(options: { readonly repair: boolean }): Promise<void> {
    const numbers = await this.#numbersOnDisk();
    const newest = numbers.at(-1);
    for (const number of numbers) {
      const file = this.#segmentPath(number);
      this.segments.push(
        await Segment.open(number, file, { repair: options.repair, trustIndex: number !== newest }),
      );
    }
    this.#nextSegment = (newest ?? 0) + 1;
    const live = this.segments.at(-1);
    if (live !== undefined) await this.#recover(live);
  }

  /** For a reader in a second process: takes in what the writer has added and evicted. True when there is more. */
  async refresh(): Promise<boolean> {
    const numbers = await this.#numbersOnDisk();
    while (this.segments[0] !== undefined && this.segments[0].number < (numbers[0] ?? 0)) {
      await this.segments.shift()?.close();
    }
    let grew = (await this.segments.at(-1)?.refresh()) ?? false;
    for (const number of numbers.filter((candidate) => candidate > (this.segments.at(-1)?.number ?? 0))) {
      this.segments.push(
        await Segment.open(number, this.#segmentPath(number), { repair: false, trustIndex: false }),
      );
      grew = true;
    }
    return grew;
  }

  /** For a reader that becomes the writer: goes on where the one before it left off. */
  async adopt(): Promise<void> {
    await this.refresh();
    const live = this.segments.at(-1);
    this.#nextSegment = (live?.number ?? 0) + 1;
    if (live === undefined) return;
    await live.adopt();
    await this.#recover(live);
  }

  get last(): Instant {
    return this.#last;
  }

  get maxSequence(): number {
    return this.segments.at(-1)?.pages.at(-1)?.lastSequence ?? 0;
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get pendingBytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.pendingBytes, 0);
  }

  /** Where this container's lines go on; made known to the lane on first use. */
  container(id: string): ContainerEntry {
    const known = this.#containers.get(id);
    if (known !== undefined) return known;
    const entry = new ContainerEntry(id, this.#nextContainer);
    this.#nextContainer = this.#nextContainer >= MAX_CONTAINER_INDEX ? 1 : this.#nextContainer + 1;
    this.#remember(entry);
    this.#define(entry);
    return entry;
  }

  knownContainer(id: string): ContainerEntry | undefined {
    return this.#containers.get(id);
  }

  /** Which container a row names, as far as the lane remembers. */
  containerId(index: number): string | undefined {
    return this.#byIndex.get(index)?.id;
  }

  /** One row of a container. `source` is copied; more than MAX_PIECE_BYTES must be cut into pieces by the caller. */
  append(
    entry: ContainerEntry,
    meta: number,
    secs: number,
    nanos: number,
    source: Buffer,
    start: number,
    end: number,
  ): void {
    entry.note(secs, nanos, meta);
    this.#append((meta | (entry.index << CONTAINER_SHIFT)) >>> 0, secs, nanos, source, start, end);
  }

  /** A line of ours, as `encodeMarker` writes it. With `entry`, it counts as that container's. */
  appendMarker(text: string, at: Instant, entry?: ContainerEntry): void {
    const bytes = Buffer.from(text);
    this.#append(metaOf(KIND_MARKER, 0, 0, entry?.index ?? 0), at.secs, at.nanos, bytes, 0, bytes.length);
  }

  /** Makes readable what has been appended, and starts writing it. */
  seal(): void {
    if (this.#builder.rows === 0) return;
    const live = this.#live();
    const parts = this.#builder.take(this.#host.nextSequence());
    this.#last = parts.last;
    const bytes = encodeBlock(parts);
    live.append(bytes);
    this.#host.onSealed(this, bytes.length);
    if (live.bytes >= this.#host.segmentBytes) this.roll();
  }

  /** Ends the live segment, so that it can be evicted. */
  roll(): void {
    this.seal();
    const live = this.segments.at(-1);
    if (live === undefined || live.bytes === 0) return;
    this.#host.onRolled(live);
    this.#startSegment();
  }

  async flush(): Promise<void> {
    for (const segment of this.segments) await segment.flush();
  }

  async close(): Promise<void> {
    for (const segment of this.segments) await segment.close();
  }

  #append(meta: number, secs: number, nanos: number, source: Buffer, start: number, end: number): void {
    if (this.#builder.rows === 0) this.#host.onDirty(this);
    this.#builder.append(meta, secs, nanos, source, start, end);
    if (this.#builder.isFull) this.seal();
  }

  #live(): Segment {
    return this.segments.at(-1) ?? this.#startSegment();
  }

  #startSegment(): Segment {
    const segment = Segment.create(this.#nextSegment, this.#segmentPath(this.#nextSegment));
    this.#nextSegment++;
    this.segments.push(segment);
    if (this.segments.length > 1) for (const entry of this.#containers.values()) this.#define(entry);
    return segment;
  }

  #define(entry: ContainerEntry): void {
    const text = Buffer.from(entry.encode());
    this.#append(
      metaOf(KIND_CONTAINER, 0, 0, entry.index),
      this.#last.secs,
      this.#last.nanos,
      text,
      0,
      text.length,
    );
  }

  #remember(entry: ContainerEntry): void {
    this.#containers.delete(entry.id);
    this.#containers.set(entry.id, entry);
    this.#byIndex.set(entry.index, entry);
    if (this.#containers.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#containers.values()) {
      this.#containers.delete(oldest.id);
      if (this.#byIndex.get(oldest.index) === oldest) this.#byIndex.delete(oldest.index);
      return;
    }
  }

  /** Each segment begins with what was known of the containers, so the last one is enough. */
  async #recover(live: Segment): Promise<void> {
    const byIndex = new Map<number, ContainerEntry>();
    for (const page of live.pages) {
      for (const { block } of readBlocks(await live.read(page.offset))) this.#recoverBlock(block, byIndex);
    }
    this.#builder = new BlockBuilder(this.#last);
  }

  #recoverBlock(block: Block, byIndex: Map<number, ContainerEntry>): void {
    for (let row = 0; row < block.rows; row++) {
      const meta = rowMeta(block, row);
      const index = meta >>> CONTAINER_SHIFT;
      if (kindOf(meta) === KIND_CONTAINER) {
        const entry = ContainerEntry.decode(
          index,
          block.text.toString('utf8', rowStart(block, row), rowEnd(block, row)),
        );
        byIndex.set(index, entry);
        this.#remember(entry);
        this.#nextContainer = (index % MAX_CONTAINER_INDEX) + 1;
      } else if (index > 0) {
        byIndex.get(index)?.note(block.table[row * 4 + 1] ?? 0, block.table[row * 4 + 2] ?? 0, meta);
      }
    }
    this.#last = block.last;
  }

  async #numbersOnDisk(): Promise<number[]> {
    const names = await readdir(this.folder);
    return names
      .filter((name) => name.endsWith('.seg'))
      .map((name) => Number.parseInt(name, 10))
      .sort((a, b) => a - b);
  }

  #segmentPath(number: number): string {
    return path.join(this.folder, `${String(number).padStart(8, '0')}.seg`);
  }
}

/** Does the line of this row go on in a later row, or come from an earlier one? */
export function isWhole(meta: number): boolean {
  return (meta & (FLAG_MORE | FLAG_PIECE)) === 0;
}
