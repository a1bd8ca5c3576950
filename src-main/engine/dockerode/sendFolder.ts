import { once } from 'node:events';
import protobuf from 'protobufjs/minimal.js';
import type { BuildEntry, BuildFolder, BuildFolderFilter } from '../builds.ts';

/** Packet types. Source: tonistiigi/fsutil `types/wire.proto`. */
const STAT = 0;
const REQUEST = 1;
const DATA = 2;
const FIN = 3;
const ERROR = 4;

/** A message; BuildKit takes up to 4 MiB. */
const CHUNK_BYTES = 32 * 1024;

/** A gRPC stream, both ways. */
export type Wire = NodeJS.EventEmitter & {
  write(message: Buffer): boolean;
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterable<unknown>;
};

/** Bits of Go's os.FileMode. */
const GO_MODES: readonly (readonly [bit: number, go: number])[] = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
];
const GO_KINDS: Readonly<Record<BuildEntry['kind'], number>> = { file: 0, folder: 2 ** 31, link: 2 ** 27 };

/**
 * Sends a folder as BuildKit's `diffcopy`: the facts of every entry first, then the content of those that the other side asks
 * for, because it does not have them from the last time. Resolves when it has all it wants.
 */
export async function sendFolder(folder: BuildFolder, wire: Wire, filter: BuildFolderFilter): Promise<void> {
  const listed: string[] = [];
  const requests = readRequests(wire, async (id) =>
    sendContent(folder, wire, { id, path: listed[id] ?? '' }),
  );
  const list = async () => {
    for await (const entry of folder.list(filter)) {
      listed.push(entry.path);
      await send(wire, packet({ type: STAT, stat: encodeEntry(entry) }));
    }
    await send(wire, packet({ type: STAT }));
  };
  await Promise.all([requests, list()]);
}

/** Content goes out in the order in which it was asked for, one file at a time. */
async function readRequests(wire: Wire, answer: (id: number) => Promise<void>): Promise<void> {
  // Our last word is still to be sent when the last of theirs has come.
  for await (const message of wire.iterator({ destroyOnReturn: false })) {
    const { type, id, data } = decodePacket(message as Uint8Array);
    if (type === REQUEST) await answer(id);
    if (type === ERROR) throw new Error(Buffer.from(data).toString());
    if (type !== FIN) continue;
    await send(wire, packet({ type: FIN }));
    return;
  }
}

async function sendContent(
  folder: BuildFolder,
  wire: Wire,
  file: { readonly id: number; readonly path: string },
): Promise<void> {
  for await (const chunk of folder.read(file.path))
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES)
      await send(wire, packet({ type: DATA, id: file.id, data: chunk.subarray(at, at + CHUNK_BYTES) }));
  await send(wire, packet({ type: DATA, id: file.id }));
}

async function send(wire: Wire, message: Buffer): Promise<void> {
  if (wire.write(message)) return;
  await once(wire, 'drain');
}

interface Packet {
  readonly type: number;
  readonly id?: number;
  readonly stat?: Uint8Array;
  readonly data?: Uint8Array;
}

function packet({ type, id, stat, data }: Packet): Buffer {
  const writer = protobuf.Writer.create().uint32(0x08).uint32(type);
  if (stat !== undefined) writer.uint32(0x12).bytes(stat);
  if (id !== undefined) writer.uint32(0x18).uint32(id);
  if (data !== undefined) writer.uint32(0x22).bytes(data);
  return Buffer.from(writer.finish());
}

function decodePacket(message: Uint8Array): { type: number; id: number; data: Uint8Array } {
  const reader = protobuf.Reader.create(message);
  const found = { type: STAT, id: 0, data: new Uint8Array() as Uint8Array };
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) found.type = reader.uint32();
    else if (tag >>> 3 === 3) found.id = reader.uint32();
    else if (tag >>> 3 === 4) found.data = reader.bytes();
    else reader.skipType(tag & 7);
  }
  return found;
}

/** Owner and group stay 0: as docker does, whoever builds has the same image. */
function encodeEntry(entry: BuildEntry): Uint8Array {
  const special = GO_MODES.reduce((sum, [bit, go]) => sum + ((entry.mode & bit) === 0 ? 0 : go), 0);
  const writer = protobuf.Writer.create()
    .uint32(0x0a)
    .string(entry.path)
    .uint32(0x10)
    .uint32((entry.mode & 0o777) + special + GO_KINDS[entry.kind]);
  if (entry.kind === 'file' && entry.linkTarget === undefined) writer.uint32(0x28).int64(entry.sizeBytes);
  writer.uint32(0x30).int64(asLong(entry.modifiedNs));
  if (entry.linkTarget !== undefined) writer.uint32(0x3a).string(entry.linkTarget);
  return writer.finish();
}

/** Nanoseconds are more than a double holds. */
function asLong(value: bigint): protobuf.Long {
  const bits = BigInt.asUintN(64, value);
  return {
    low: Number(BigInt.asIntN(32, bits)),
    high: Number(BigInt.asIntN(32, bits >> 32n)),
    unsigned: false,
  } as protobuf.Long;
}
