import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { coreStacks } from '../../support/coreStack.ts';
import { eventually } from '../../support/eventually.ts';
import { needImages } from '../../support/world.ts';

const run = promisify(execFile);
const docker = (...words: string[]) =>
  run('docker', words, { env: { ...process.env, DOCKER_HOST: inject('engineHost') } });
/** A version that Slipway offers where it cannot ask a registry. */
const SEARCH = 'elasticsearch:8.19.0';

beforeAll(async () => {
  await needImages('postgres:15', 'redis:7.0', 'memcached:1.6.18', 'busybox');
  await docker('build', '-q', '-t', SEARCH, path.join(import.meta.dirname, 'search'));
}, 600_000);
afterAll(() => docker('image', 'rm', '-f', SEARCH));
const open = coreStacks();

test('a stack of 2014 must load with a note, and boot with today’s images after one click on each', {
  timeout: 300_000,
}, async () => {
  const stack = await open(path.join(import.meta.dirname, 'stack'));
  const { client, workspace } = stack;
  const status = () => stack.workspaceRecord()?.project;
  expect(status()).toMatchObject({ type: 'loaded' });
  const notes = await client.app.doctor({ workspace });
  expect(
    notes.filter(({ title }) => title.includes('format of 2014')).map(({ severity }) => severity),
  ).toEqual(['note']);
  expect(await stack.boot()).toMatchObject({ type: 'failed' });

  const old = ['postgres', 'redis', 'memcached', 'elasticsearch'];
  for (const service of old)
    await eventually(() => stack.service(service).failure?.fixes.some(({ id }) => id === 'image.today'));
  // All four at once, as fast as one can click.
  const clicked = old.map((service) => client.stack.fix({ workspace, service, fix: 'image.today' }));
  for (const click of clicked) expect(await stack.ended(click)).toEqual({ type: 'done' });
  expect(await stack.boot()).toEqual({ type: 'done' });
  for (const service of [...old, 'predictor'])
    expect(stack.service(service)).toMatchObject({ name: service, status: { type: 'running' } });
  // The links, as the predictor sees them.
  expect(await stack.exec('predictor', 'wget', '-q', '-O', '-', 'http://elasticsearch:9200')).toBe('{}\n');
  expect(await stack.exec('predictor', 'sh', '-c', 'echo PING | nc -w 5 $REDIS_HOST 6379')).toBe('+PONG\r\n');
  expect(stack.service('elasticsearch').image).toBe(SEARCH);
});
