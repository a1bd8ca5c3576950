import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isOtherAlive, thisProcess } from './owner.ts';

describe('the owner of a journal', () => {
  it('is never ourselves, though we live', async () => {
    expect(await isOtherAlive(await thisProcess())).toBe(false);
  });

  it('is another process only while that very process lives', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const { began } = await thisProcess();
    // Its number with our beginning: as after a reuse of the number.
    expect(await isOtherAlive({ pid, began: `${began} earlier` })).toBe(false);
    child.stdin.end();
    await once(child, 'exit');
    expect(await isOtherAlive({ pid, began })).toBe(false);
  });
});
