import { expect, test } from 'vitest';
import { LogParser } from './logParser.ts';
import { kindOf } from './rows.ts';

const KINDS = ['out', 'err', 'tty'];

/** Lines put together again, as `kind@nanos text`. */
function parse(chunks: readonly Uint8Array[], tty = false): string[] {
  const open: (Buffer[] | undefined)[] = [];
  const lines: string[] = [];
  const parser = new LogParser({
    tty,
    sink: {
      line(meta, _secs, nanos, bytes, start, end, more) {
        const kind = kindOf(meta);
        const parts = open[kind] ?? [];
        parts.push(Buffer.from(bytes.subarray(start, end)));
        open[kind] = more ? parts : undefined;
        if (!more) lines.push(`${KINDS[kind]}@${nanos} ${Buffer.concat(parts).toString('latin1')}`);
      },
    },
  });
  for (const chunk of chunks) parser.push(chunk);
  parser.end();
  return lines;
}

function frame(stream: number, text: string | Buffer): Buffer {
  const body = Buffer.from(text as string);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function stamp(nanos: number): string {
  return `2026-11-20T10:11:12.${String(nanos).padStart(9, '0')}Z `;
}

const HALF = '-'.repeat(16 * 1024);
const SAMPLE = Buffer.concat([
  frame(1, `${stamp(1)}first\n`),
  frame(2, `${stamp(2)}\n`),
  frame(1, Buffer.concat([Buffer.from(stamp(3)), Buffer.from([0, 0xff, 0xc3, 0x28, 13, 10])])),
  frame(1, `${stamp(4)}${HALF}`),
  frame(2, `${stamp(5)}between\n`),
  frame(1, `${stamp(4)}whole\n`),
]);
const SAMPLE_LINES = [
  'out@1 first',
  'err@2 ',
  'out@3 \0\u00ff\u00c3(\r',
  'err@5 between',
  `out@4 ${HALF}whole`,
];

test('frames cut at every offset give the same lines', () => {
  for (let at = 0; at <= SAMPLE.length; at += at > 200 && at < SAMPLE.length - 200 ? 101 : 1) {
    expect(parse([SAMPLE.subarray(0, at), SAMPLE.subarray(at)])).toEqual(SAMPLE_LINES);
  }
});

test('frames that come byte by byte give the same lines', () => {
  expect(parse([...SAMPLE].map((byte) => Buffer.from([byte])))).toEqual(SAMPLE_LINES);
});

test('a terminal cut at every offset gives the same lines', () => {
  const bytes = Buffer.from(`${stamp(1)}one\r\n${stamp(2)}\r\n${stamp(3)}10%\r20%\r\n`);
  for (let at = 0; at <= bytes.length; at++) {
    const lines = parse([bytes.subarray(0, at), bytes.subarray(at)], true);
    expect(lines).toEqual(['tty@1 one\r', 'tty@2 \r', 'tty@3 10%\r20%\r']);
  }
});

test('the timestamps inside a long line of a terminal are not text', () => {
  const piece = 'x'.repeat(16 * 1024);
  const text = `${stamp(1)}${piece}${stamp(2)}${piece}${stamp(3)}end\n${stamp(4)}next\n`;
  const expected = [`tty@3 ${piece}${piece}end`, 'tty@4 next'];
  expect(parse([Buffer.from(text)], true)).toEqual(expected);
  for (const size of [1, 1000, 16_383, 16_415, 40_000])
    expect(parse(cut(Buffer.from(text), size), true)).toEqual(expected);
});

test('a line of exactly one engine piece is whole', () => {
  const piece = 'x'.repeat(16 * 1024);
  expect(parse([Buffer.from(`${stamp(1)}${piece}${stamp(2)}\n${stamp(3)}b\n`)], true)).toEqual([
    `tty@2 ${piece}`,
    'tty@3 b',
  ]);
});

test('a line of 10 MB comes through in every form', () => {
  const text = Buffer.alloc(10 * 1024 * 1024, 'abcdefghij');
  const pieces: Buffer[] = [];
  for (let at = 0; at < text.length; at += 16 * 1024)
    pieces.push(frame(1, Buffer.concat([Buffer.from(stamp(7)), text.subarray(at, at + 16 * 1024)])));
  pieces.push(frame(1, `${stamp(7)}\n`));
  const framed = Buffer.concat(pieces);
  const one = frame(1, Buffer.concat([Buffer.from(stamp(7)), text, Buffer.from('\n')]));
  const bare = Buffer.concat([Buffer.from(stamp(7)), text, Buffer.from('\n')]);
  const expected = text.toString('latin1');
  expect(parse(cut(framed, 65_536))[0]?.slice(6)).toBe(expected);
  expect(parse(cut(one, 65_536))[0]?.slice(6)).toBe(expected);
  expect(parse(cut(bare, 65_536), true)[0]?.slice(6)).toBe(expected);
});

test('random bytes are kept as they are', () => {
  const noise = Buffer.from(
    Array.from({ length: 50_000 }, (_, index) => (index * 7919 + (index >> 3) * 31) & 0xff),
  );
  const lines = noise.toString('latin1').split('\n');
  const frames = lines.map((line, index) => frame(1, Buffer.from(`${stamp(index)}${line}\n`, 'latin1')));
  const expected = lines.map((line, index) => `out@${index} ${line}`);
  expect(parse(cut(Buffer.concat(frames), 4099))).toEqual(expected);
});

test('a zone and a short fraction, as other engines write them, are read', () => {
  const text = frame(1, '2026-11-20T12:11:12.5+02:00 a\n2026-11-20T10:11:12Z b\n');
  expect(parse([text])).toEqual(['out@500000000 a', 'out@0 b']);
});

test('a long line whose last part has no line feed ends there all the same', () => {
  const piece = 'x'.repeat(16 * 1024);
  const frames = [
    `${stamp(1)}${piece}`,
    `${stamp(1)}tail`,
    `${stamp(2)}next\n`,
    `${stamp(3)}${piece}`,
    `${stamp(4)}last\n`,
  ];
  const expected = [`out@1 ${piece}tail`, 'out@2 next', `out@3 ${piece}`, 'out@4 last'];
  expect(parse(frames.map((text) => frame(1, text)))).toEqual(expected);
});

test('a stream that ends inside a line gives what there was', () => {
  expect(parse([SAMPLE.subarray(0, 8 + 31 + 3)])).toEqual(['out@1 fir']);
  expect(parse([Buffer.from(`${stamp(1)}no end`)], true)).toEqual(['tty@1 no end']);
});

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}
