import protobuf from 'protobufjs/minimal.js';

/**
 * BuildKit's progress, as far as it is shown. Wire format: moby/buildkit `api/services/control/control.proto`, message
 * StatusResponse, which the engine sends in base64. Only the field numbers below are read; others are skipped.
 */
export interface BuildTrace {
  readonly vertexes: readonly TraceVertex[];
  readonly statuses: readonly TraceStatus[];
  readonly logs: readonly { readonly vertex: string; readonly bytes: Uint8Array }[];
}

export interface TraceVertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  /** Milliseconds since the epoch; undefined before it has come to that. */
  readonly started: number | undefined;
  readonly completed: number | undefined;
  readonly error: string;
}

export interface TraceStatus {
  readonly vertex: string;
  readonly name: string;
  readonly current: number;
  readonly total: number;
}

type Reader = protobuf.Reader;
type Fields<T> = { -readonly [K in keyof T]: T[K] };

export function decodeTrace(base64: string): BuildTrace {
  const trace = { vertexes: [], statuses: [], logs: [] } as {
    vertexes: TraceVertex[];
    statuses: TraceStatus[];
    logs: { vertex: string; bytes: Uint8Array }[];
  };
  message(protobuf.Reader.create(Buffer.from(base64, 'base64')), undefined, (field, reader) => {
    if (field === 1) trace.vertexes.push(vertex(reader));
    else if (field === 2) trace.statuses.push(status(reader));
    else if (field === 3) trace.logs.push(log(reader));
    else return false;
    return true;
  });
  return trace;
}

/** Reads the fields of one message; what `take` does not want is skipped. */
function message(
  reader: Reader,
  length: number | undefined,
  take: (field: number, reader: Reader) => boolean,
): void {
  const end = length === undefined ? reader.len : reader.pos + length;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (!take(tag >>> 3, reader)) reader.skipType(tag & 7);
  }
}

function vertex(reader: Reader): TraceVertex {
  const fields: Fields<TraceVertex> = {
    digest: '',
    name: '',
    cached: false,
    started: undefined,
    completed: undefined,
    error: '',
  };
  const readers: Readonly<Record<number, () => void>> = {
    1: () => (fields.digest = reader.string()),
    3: () => (fields.name = reader.string()),
    4: () => (fields.cached = reader.bool()),
    5: () => (fields.started = timestamp(reader)),
    6: () => (fields.completed = timestamp(reader)),
    7: () => (fields.error = reader.string()),
  };
  message(reader, reader.uint32(), (field) => takeWith(readers, field));
  return fields;
}

function status(reader: Reader): TraceStatus {
  const fields: Fields<TraceStatus> = { vertex: '', name: '', current: 0, total: 0 };
  const readers: Readonly<Record<number, () => void>> = {
    1: () => (fields.name = reader.string()),
    2: () => (fields.vertex = reader.string()),
    4: () => (fields.current = Number(reader.int64())),
    5: () => (fields.total = Number(reader.int64())),
  };
  message(reader, reader.uint32(), (field) => takeWith(readers, field));
  return fields;
}

function log(reader: Reader): { vertex: string; bytes: Uint8Array } {
  const fields = { vertex: '', bytes: new Uint8Array() };
  const readers: Readonly<Record<number, () => void>> = {
    1: () => (fields.vertex = reader.string()),
    4: () => (fields.bytes = Uint8Array.from(reader.bytes())),
  };
  message(reader, reader.uint32(), (field) => takeWith(readers, field));
  return fields;
}

function takeWith(readers: Readonly<Record<number, () => void>>, field: number): boolean {
  const read = readers[field];
  read?.();
  return read !== undefined;
}

/** google.protobuf.Timestamp: seconds and nanoseconds. */
function timestamp(reader: Reader): number {
  let milliseconds = 0;
  message(reader, reader.uint32(), (field) => {
    if (field === 1) milliseconds += Number(reader.int64()) * 1000;
    else if (field === 2) milliseconds += reader.int32() / 1_000_000;
    else return false;
    return true;
  });
  return milliseconds;
}
