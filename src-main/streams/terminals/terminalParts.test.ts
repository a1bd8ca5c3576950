import { expect, test } from 'vitest';
import { ReplayRing } from './replayRing.ts';
import { TerminalModes } from './terminalModes.ts';

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

test('the ring keeps the last bytes, whatever the sizes they came in', () => {
  for (const size of [1, 3, 7, 10, 11, 25]) {
    const ring = new ReplayRing(10);
    const all = 'abcdefghijklmnopqrstuvwxyz0123456789';
    for (let at = 0; at < all.length; at += size) ring.push(Buffer.from(all.slice(at, at + size)));
    expect(text(ring.read(ring.start, 100))).toBe(all.slice(-10));
    expect([ring.start, ring.end]).toEqual([26, 36]);
    expect(text(ring.read(30, 3))).toBe('456');
  }
});

test('a replay begins with a line where it can', () => {
  const ring = new ReplayRing(10);
  ring.push(Buffer.from('abcdefgh\nxyz'));
  expect(text(ring.read(ring.lineStart(ring.start), 100))).toBe('xyz');
});

test('modes and the directory are seen wherever the output is cut', () => {
  const output = Buffer.from('x\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b]7;file://host/tmp/a b\x07$ \x1b[?2004l');
  for (let at = 0; at <= output.length; at++) {
    const modes = new TerminalModes();
    modes.observe(output.subarray(0, at));
    modes.observe(output.subarray(at));
    expect(modes.isAlternateScreen).toBe(true);
    expect(modes.workingDir).toBe('/tmp/a b');
    expect(text(modes.restore())).toBe('\x1b[?1049h\x1b[?25l');
  }
});
