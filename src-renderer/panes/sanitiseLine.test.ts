import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sanitiseLine } from './sanitiseLine.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const clean = (text: string) => decoder.decode(sanitiseLine(encoder.encode(text)));

test.each([
  ['plain text and ümläuts, 漢字, 👍🏽', 'plain text and ümläuts, 漢字, 👍🏽'],
  [
    '\x1b[1;31mred\x1b[0m and \x1b[38;2;1;2;3mtrue\x1b[m',
    '\x1b[1;31mred\x1b[0m and \x1b[38;2;1;2;3mtrue\x1b[m',
  ],
  ['\x1b[38:2::1:2:3mcolons', '\x1b[38:2::1:2:3mcolons'],
  ['\x1b]0;a title\x07text', 'text'],
  ['\x1b]52;c;cm0gLXJm\x1b\\text', 'text'],
  ['\x1b]8;;http://evil\x1b\\label\x1b]8;;\x1b\\', 'label'],
  ['\x1bP$qm\x1b\\text', 'text'],
  ['\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\text', 'text'],
  ['\x1b]0;never ends', '0;never ends'],
  ['\x1b[2J\x1b[H\x1b[5A\x1b[?1049h\x1b[6ntext', 'text'],
  ['\x1b[>4;2mtext\x1b[?5mtext', 'texttext'],
  ['\x1b(0\x1b7\x1bc\x1b#8text', 'text'],
  ['bell\x07 back\x08 nul\0 tab\t del\x7f', 'bell back nul tab\t del'],
  ['C1: \u009b31mtext\u0090x\u009c', 'C1: 31mtextx'],
  ['10%\r50%\r100%', '100%'],
  ['100% done\r', '100% done'],
  ['\x1b[31', ''],
  ['\x1b', ''],
  ['\x1b[\x1b[31mred', '\x1b[31mred'],
])('%j shows as %j', (line, shown) => {
  expect(clean(line)).toBe(shown);
});

test('an overlong colour is no colour', () => {
  expect(clean(`\x1b[${'1;'.repeat(40)}mtext`)).toBe('text');
});

test('a plain line is passed on as it is, without a copy', () => {
  const line = encoder.encode('GET / 200');
  expect(sanitiseLine(line)).toBe(line);
});

test('of no bytes whatsoever comes a control other than tabs and colours', () => {
  const hostile = fc.array(
    fc.constantFrom(...[0x1b, 0x5b, 0x5d, 0x50, 0x6d, 0x3b, 0x33, 0x07, 0x5c, 0x0d, 0xc2, 0x9b, 0x41, 0x20]),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      const kept = sanitiseLine(Uint8Array.from(bytes));
      const text = String.fromCharCode(...kept).replaceAll(/\x1b\[[0-9:;]*m/g, '');
      expect(text).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f]|\xc2[\x80-\x9f]/);
    }),
    { numRuns: 2000 },
  );
});
