import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { eventually } from '../../support/eventually.ts';
import { needImages } from '../../support/world.ts';

beforeAll(() => needImages('busybox:1'));
const open = coreStacks();

async function watched(): Promise<CoreStack> {
  const stack = await open(import.meta.dirname);
  expect(await stack.boot()).toEqual({ type: 'done' });
  await stack.client.watch.start({ workspace: stack.workspace });
  return stack;
}

const inside = (stack: CoreStack, ...command: string[]) => stack.exec('web', ...command);

test('edits must arrive with owner and mode, and deletions too, in the same container', async () => {
  const stack = await watched();
  const before = await stack.containers();
  const src = (name: string) => stack.file(`app/src/${name}`);
  await writeFile(src('a.txt'), 'changed\n');
  await chmod(src('a.txt'), 0o755);
  await mkdir(src('deep/er'), { recursive: true });
  await writeFile(src('deep/er/b.txt'), 'new\n');
  await writeFile(src('x.tmp'), 'ignored\n');
  await symlink('a.txt', src('link'));
  await eventually(
    async () => (await inside(stack, 'cat', '/app/src/deep/er/b.txt', '/app/src/link')) === 'new\nchanged\n',
  );
  expect(await inside(stack, 'stat', '-c', '%u %g %a', '/app/src/a.txt')).toBe('1234 1234 755\n');
  expect(await inside(stack, 'stat', '-c', '%u %g', '/app/src/deep/er/b.txt')).toBe('1234 1234\n');
  // As an editor saves: beside the file, then over it.
  await writeFile(src('a.txt.new'), 'atomic\n');
  await rename(src('a.txt.new'), src('a.txt'));
  await rename(src('deep'), src('Deep'));
  await rm(src('link'));
  await eventually(async () => {
    expect(await inside(stack, 'sh', '-c', 'cd /app/src && find . | sort')).toBe(
      ['.', './Deep', './Deep/er', './Deep/er/b.txt', './a.txt', ''].join('\n'),
    );
    expect(await inside(stack, 'cat', '/app/src/a.txt')).toBe('atomic\n');
    return true;
  });
  expect(await stack.containers()).toEqual(before);
  expect(stack.service('web').watching?.lastAction).toMatch(/^synced \d+ path/);
  expect(stack.service('bystander').watching).toBeUndefined();
});

test('a rule must restart, run its command or rebuild, and leave the other services alone', async () => {
  const stack = await watched();
  const before = await stack.containers();
  await writeFile(stack.file('app/exec.txt'), 'command\n');
  await eventually(async () => (await inside(stack, 'cat', '/tmp/ran')) === 'command\n');
  await writeFile(stack.file('app/restart.txt'), 'again\n');
  await eventually(async () => (await stack.inspect('web')).startedAt !== before['web-1']?.[1]);
  await eventually(async () => (await inside(stack, 'cat', '/app/restart.txt')) === 'again\n');
  expect((await stack.inspect('web')).id).toBe(before['web-1']?.[0]);
  await stack.edit('app/Dockerfile', (text) => text.replace('STAGE=one', 'STAGE=two'));
  await eventually(async () => (await stack.inspect('web')).env.includes('STAGE=two'), { limitMs: 30_000 });
  await eventually(() => stack.service('web').watching?.lastAction?.startsWith('rebuilt'));
  expect((await stack.containers())['bystander-1']).toEqual(before['bystander-1']);
});

test('edits made while nobody watched must be caught up, deletions too', async () => {
  const stack = await watched();
  await writeFile(stack.file('app/src/old.txt'), 'x');
  await eventually(() => inside(stack, 'cat', '/app/src/old.txt'));
  await eventually(() => stack.service('web').watching?.lastAction);
  await stack.client.watch.stop({ workspace: stack.workspace });
  expect(
    stack.service('web').watching === undefined ||
      (await eventually(() => stack.service('web').watching === undefined)),
  ).toBe(true);
  await writeFile(stack.file('app/src/a.txt'), 'offline\n');
  await rm(stack.file('app/src/old.txt'));
  await stack.client.watch.start({ workspace: stack.workspace });
  expect(await inside(stack, 'sh', '-c', 'cat /app/src/a.txt; ls /app/src')).toBe('offline\na.txt\n');
});

test('a first watch must bring what is newer than the image', async () => {
  const stack = await open(import.meta.dirname);
  await stack.boot();
  await writeFile(stack.file('app/src/a.txt'), 'newer\n');
  await utimes(stack.file('app/src/a.txt'), new Date(Date.now() + 2_000), new Date(Date.now() + 2_000));
  await stack.client.watch.start({ workspace: stack.workspace });
  expect(await inside(stack, 'cat', '/app/src/a.txt')).toBe('newer\n');
});

test('a branch switch of many files must end in one batch, equal to the host', {
  timeout: 60_000,
}, async () => {
  const stack = await watched();
  const files = Array.from({ length: 1_000 }, (_, at) => `d${at % 20}/f${at}.txt`);
  await Promise.all(Array.from({ length: 20 }, (_, at) => mkdir(stack.file(`app/src/d${at}`))));
  await Promise.all(
    files.map((name) => writeFile(stack.file(path.join('app/src', name)), `content of ${name}\n`)),
  );
  await eventually(
    async () => (await inside(stack, 'sh', '-c', 'cat /app/src/d*/* | wc -l')).trim() === '1000',
    {
      limitMs: 30_000,
    },
  );
  await eventually(async () => {
    const sums = await inside(stack, 'sh', '-c', 'cd /app/src && cat d7/f7.txt d19/f999.txt');
    return sums === 'content of d7/f7.txt\ncontent of d19/f999.txt\n';
  });
});
