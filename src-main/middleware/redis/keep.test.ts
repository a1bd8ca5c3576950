import { describe, expect, it } from 'vitest';
import type { Server } from '../profile.ts';
import { keepKeys } from './keep.ts';

/** A server with these settings, and what it was told to set. */
function serverWith(settings: Readonly<Record<string, string>>): { server: Server; told: string[] } {
  const told: string[] = [];
  const exec = async (words: readonly string[]) => {
    const [, , , verb, name = '', ...rest] = words;
    if (verb === 'SET') told.push([name, ...rest].join(' '));
    const answer = verb === 'SET' ? 'OK\n' : `${name}\n${settings[name] ?? ''}\n`;
    return {
      exitCode: 0,
      stdout: new TextEncoder().encode(answer),
      stderr: new Uint8Array(),
      truncated: false,
    };
  };
  return { server: { product: 'redis', environment: {}, exec } as unknown as Server, told };
}

describe('keepKeys', () => {
  it('has a server write its keys that would forget them when it is stopped', async () => {
    const { server, told } = serverWith({ appendonly: 'no', save: '' });
    await keepKeys(server);
    expect(told).toEqual(['save 3600 1']);
  });

  it.each([
    { appendonly: 'yes', save: '' },
    { appendonly: 'no', save: '3600 1 300 100' },
  ])('leaves one alone that keeps them by itself: %o', async (settings) => {
    const { server, told } = serverWith(settings);
    await keepKeys(server);
    expect(told).toEqual([]);
  });
});
