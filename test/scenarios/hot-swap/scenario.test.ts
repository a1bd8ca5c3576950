import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { coreStacks } from '../../support/coreStack.ts';
import { needImages } from '../../support/world.ts';

beforeAll(() => needImages('busybox:1'));
const open = coreStacks();

test('a changed service must be built and replaced, and no other container touched', async () => {
  const stack = await open(import.meta.dirname);
  expect(await stack.boot()).toEqual({ type: 'done' });
  const before = await stack.containers();
  await stack.exec('api', 'sh', '-c', 'echo kept > /scratch/file');
  // Never the same twice: the builder remembers what an earlier run has copied.
  const message = `second ${randomUUID()}`;
  await stack.edit('app/message', () => `${message}\n`);
  expect(await stack.replace('api')).toEqual({ type: 'done' });
  const after = await stack.containers();
  expect(await stack.exec('api', 'cat', 'built', '/scratch/file')).toBe(`${message}\nkept\n`);
  expect(after['api-1']).not.toEqual(before['api-1']);
  expect({ ...after, 'api-1': undefined }).toEqual({ ...before, 'api-1': undefined });
  const [build] = await stack.client.builds.history({ workspace: stack.workspace, service: 'api' });
  expect(build).toMatchObject({
    outcome: 'done',
    service: 'api',
    missed: { line: 3, files: ['message'], moreFiles: 0 },
  });
  expect(build?.steps.find(({ name }) => name.includes('COPY'))).toMatchObject({ line: 3, status: 'done' });
  expect(build?.steps.find(({ name }) => name.includes('WORKDIR'))).toMatchObject({
    line: 2,
    status: 'cached',
  });
});

test('a build that fails must leave the old one running, and name the line', async () => {
  const stack = await open(import.meta.dirname);
  await stack.boot();
  const before = await stack.containers();
  await stack.edit('app/Dockerfile', (text) =>
    text.replace('RUN cat message > built', '# a comment\nRUN exit 7'),
  );
  expect(await stack.replace('api')).toMatchObject({
    type: 'failed',
    error: { kind: 'build.failed', service: 'api', at: { file: stack.file('app/Dockerfile'), line: 5 } },
  });
  expect(await stack.containers()).toEqual(before);
});

test('a new container that does not start must leave the old one running', async () => {
  const stack = await open(import.meta.dirname);
  await stack.boot();
  const before = await stack.containers();
  await stack.edit('app/start.sh', () => 'echo no such luck\nexit 3\n');
  const status = await stack.replace('api');
  expect(status).toMatchObject({
    type: 'failed',
    error: { kind: 'dependency.exited', hint: expect.stringContaining('no such luck') },
  });
  const after = await stack.containers();
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  expect(after['api-1']?.[0]).toBe(before['api-1']?.[0]);
  expect((await stack.inspect('api')).state).toBe('running');
});

test('what has not changed must stay', async () => {
  const stack = await open(import.meta.dirname);
  await stack.boot();
  const before = await stack.containers();
  expect(await stack.replace('api')).toEqual({ type: 'done' });
  expect(await stack.containers()).toEqual(before);
});
