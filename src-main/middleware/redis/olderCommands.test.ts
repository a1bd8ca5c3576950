import { expect, it } from 'vitest';
import { forOlderServers } from './olderCommands.ts';

const command = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

const INPUT = [
  command('SELECT', '0'),
  command('SET', 'k', 'ENTRIESREAD\r\n*3\r\n$6\r\nXSETID'),
  command('SET', 'long', 'x'.repeat(50_000)),
  '#TS:1700000000\r\n',
  command('XSETID', 'ENTRIESADDED', '2-1', 'ENTRIESADDED', '2', 'MAXDELETEDID', '0-0'),
  command('XGROUP', 'CREATE', 's', 'ENTRIESREAD', '1-1', 'ENTRIESREAD', '1'),
  command('RPUSH', 'ü', ...Array.from({ length: 2000 }, (_, index) => `item ${index}`)),
].join('');

const OUTPUT = [
  command('SELECT', '0'),
  command('SET', 'k', 'ENTRIESREAD\r\n*3\r\n$6\r\nXSETID'),
  command('SET', 'long', 'x'.repeat(50_000)),
  command('XSETID', 'ENTRIESADDED', '2-1'),
  command('XGROUP', 'CREATE', 's', 'ENTRIESREAD', '1-1'),
  command('RPUSH', 'ü', ...Array.from({ length: 2000 }, (_, index) => `item ${index}`)),
].join('');

it.each([1, 3, 64, 4095, 1_000_000])(
  'drops only what older servers do not know, in chunks of %i bytes',
  async (size) => {
    const bytes = Buffer.from(INPUT);
    async function* chunks(): AsyncIterable<Uint8Array> {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const out: Uint8Array[] = [];
    for await (const chunk of forOlderServers(chunks())) out.push(chunk);
    expect(Buffer.concat(out).toString()).toBe(OUTPUT);
  },
);
