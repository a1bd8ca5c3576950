import { describe, expect, test } from 'vitest';
import { Demuxer, demultiplex } from './demux.ts';

function frame(stream: number, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function joined(pieces: readonly { readonly stream: string; readonly bytes: Uint8Array }[]) {
  const text = (name: string) =>
    Buffer.concat(pieces.filter((piece) => piece.stream === name).map((piece) => piece.bytes)).toString();
  return { stdout: text('stdout'), stderr: text('stderr') };
}

const WIRE = Buffer.concat([
  frame(1, 'first ✓\n'),
  frame(2, 'oops\n'),
  frame(1, ''),
  frame(1, 'second'),
  frame(2, '!'),
]);
const WANTED = { stdout: 'first ✓\nsecond', stderr: 'oops\n!' };

describe('the demultiplexer', () => {
  test('gives the same whichever two places the stream is cut at', () => {
    for (let first = 0; first <= WIRE.length; first++) {
      for (let second = first; second <= WIRE.length; second++) {
        const demuxer = new Demuxer();
        const cuts = [WIRE.subarray(0, first), WIRE.subarray(first, second), WIRE.subarray(second)];
        expect(joined(cuts.flatMap((cut) => demuxer.push(cut)))).toEqual(WANTED);
      }
    }
  });

  test('gives the same byte by byte', () => {
    const demuxer = new Demuxer();
    expect(joined([...WIRE].flatMap((byte) => demuxer.push(Uint8Array.of(byte))))).toEqual(WANTED);
  });

  test('does not wait for a frame to be whole', () => {
    const demuxer = new Demuxer();
    expect(joined(demuxer.push(frame(1, 'abcdef').subarray(0, 11))).stdout).toBe('abc');
  });

  test('passes raw bytes through where the engine sent no frames, wherever they are cut', () => {
    const raw = Buffer.from('plain text from a terminal\r\n');
    for (let cut = 0; cut <= raw.length; cut++) {
      const demuxer = new Demuxer();
      const pieces = [...demuxer.push(raw.subarray(0, cut)), ...demuxer.push(raw.subarray(cut))];
      expect(joined(pieces)).toEqual({ stdout: raw.toString(), stderr: '' });
    }
  });

  test('reads an iterable lazily', async () => {
    let pulled = 0;
    async function* source() {
      for (const part of [frame(1, 'a'), frame(1, 'b'), frame(1, 'c')]) {
        pulled++;
        yield part;
      }
    }
    const pieces = demultiplex(source());
    await pieces.next();
    expect(pulled).toBe(1);
    await pieces.return();
  });
});
