import { readdir, readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeOwnFile } from '#app/versions/slipwayFiles.ts';
import { overrideService } from '#compose/override.ts';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { needImages } from '../../support/world.ts';
import { Releases } from './releases.ts';

let releases: Releases;
const open = coreStacks();

beforeAll(async () => {
  await needImages('busybox:1');
  releases = await Releases.publish(['2', '3']);
});
afterAll(() => releases.dispose());

const swap = (stack: CoreStack, more: object) =>
  stack.ended(stack.client.production.swap({ workspace: stack.workspace, service: 'api', ...more }));

it('sleeps in its place, takes other values for this run, publishes a debugger, and leaves nothing', async () => {
  const stack = await open(releases.source);
  // What somebody had decided before is a decision of theirs, also after the swap.
  const own = overrideService(undefined, 'api', {
    ports: [{ target: 8080, published: '18993', protocol: 'tcp', mode: 'ingress' }],
    environment: { GREETING: 'own' },
  });
  await writeOwnFile(stack.file('.slipway/override.yaml'), own);
  await stack.client.project.reload({ workspace: stack.workspace });
  expect(await stack.boot()).toEqual({ type: 'done' });
  const before = await stack.inspect('api');
  const debug = { idle: true, debugger: 'node' } as const;
  expect(await swap(stack, { debug, values: { GREETING: 'for this run', PAYMENT_KEY: 'x' } })).toEqual({
    type: 'done',
  });

  const inside = await stack.inspect('api');
  expect(inside.entrypoint).toEqual(['sleep', '2147483647']);
  expect(inside.env).toEqual(
    expect.arrayContaining(['GREETING=for this run', 'PAYMENT_KEY=x', 'NODE_OPTIONS=--inspect=0.0.0.0:9229']),
  );
  const swapped = stack.service('api').swap?.debug;
  expect(swapped).toMatchObject({
    title: 'Node inspector',
    startByHand: expect.stringContaining('production'),
  });
  expect(inside.ports).toContainEqual({
    containerPort: 9229,
    protocol: 'tcp',
    hostIp: '127.0.0.1',
    hostPort: swapped?.hostPort,
  });
  expect(inside.ports.map(({ containerPort }) => containerPort)).toContain(8080);

  // Started by hand, it is production's program.
  await stack.exec(
    'api',
    'sh',
    '-c',
    '(/bin/serve production >/dev/null 2>&1 &) ; until [ -s /tmp/said ]; do :; done',
  );
  expect(await stack.exec('api', 'cat', '/tmp/said')).toContain('release production-2 args production');
  const { changes } = await stack.client.production.changes({ workspace: stack.workspace, service: 'api' });
  expect(changes).toContainEqual({ path: '/tmp/said', kind: 'added' });

  const text = await readFile(stack.file('.slipway/override.yaml'), 'utf8');
  expect(text).not.toContain('for this run');
  expect((await stat(stack.file('.slipway/swap-api.before.yaml'))).mode & 0o777).toBe(0o600);
  expect(
    await stack.ended(stack.client.production.unswap({ workspace: stack.workspace, service: 'api' })),
  ).toEqual({
    type: 'done',
  });
  const after = await stack.inspect('api');
  expect({ env: after.env, entrypoint: after.entrypoint, image: after.imageId }).toEqual({
    env: before.env,
    entrypoint: before.entrypoint,
    image: before.imageId,
  });
  expect(await readFile(stack.file('.slipway/override.yaml'), 'utf8')).toBe(own);
  expect(await readdir(stack.file('.slipway'))).toEqual(['.gitignore', 'override.yaml']);
});

it('that cannot start at all goes back to the local image by itself', async () => {
  const stack = await open(releases.source);
  expect(await stack.boot()).toEqual({ type: 'done' });
  const before = (await stack.inspect('api')).imageId;
  // No dlv in the image: what was asked for cannot run.
  expect(await swap(stack, { debug: { debugger: 'delve' } })).toMatchObject({ type: 'failed' });
  expect((await stack.inspect('api')).imageId).toBe(before);
  expect(stack.service('api').swap).toBeUndefined();
});
