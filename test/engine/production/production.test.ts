import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkspaceRecord } from '#contract/model.ts';
import type { CoreStack } from '../../support/coreStack.ts';
import { coreStacks } from '../../support/coreStack.ts';
import { eventually } from '../../support/eventually.ts';
import { filesUnder } from '../../support/filesUnder.ts';
import { needImages } from '../../support/world.ts';
import { docker } from '../cli/runCli.ts';
import { configuration, killAndReturn } from './killedSwap.ts';
import { Releases } from './releases.ts';
import type { TestRegistry } from './testRegistry.ts';

const SECRET = 'planted$"swap\\secret';

let releases: Releases;
let registry: TestRegistry;
const open = coreStacks();

beforeAll(async () => {
  await needImages('busybox:1');
  releases = await Releases.publish();
  registry = releases.registry;
});
afterAll(() => releases.dispose());

async function booted(): Promise<CoreStack> {
  const stack = await open(releases.source);
  expect(await stack.boot()).toEqual({ type: 'done' });
  return stack;
}

const said = (stack: CoreStack) => stack.exec('api', 'cat', '/tmp/said');
const swap = (stack: CoreStack, more: object = {}) =>
  stack.ended(stack.client.production.swap({ workspace: stack.workspace, service: 'api', ...more }));
const unswap = (stack: CoreStack) =>
  stack.ended(stack.client.production.unswap({ workspace: stack.workspace, service: 'api' }));

describe('drift', () => {
  it('is told row by row, from Kubernetes, compose and ECS, without a value', async () => {
    const stack = await booted();
    const { workspace } = stack;
    const view = await stack.client.production.drift({ workspace });
    expect(view.rows.map(({ service, container, state }) => `${service ?? container} ${state}`)).toEqual([
      expect.stringMatching(/^api (behind|ahead)$/),
      'cache same',
      'CronJob nightly / report onlyThere',
    ]);
    expect(view.rows[0]).toMatchObject({
      container: 'Deployment shop-api / app',
      matchedBy: 'name',
      productionImage: `${registry.host}/acme/api@${registry.digestOf('acme/api', '2')}`,
      match: { type: 'swap' },
      config: [
        { aspect: 'environment', onlyHere: [], onlyThere: ['PAYMENT_KEY'] },
        { aspect: 'command', here: 'serve local', there: 'production' },
      ],
    });
    expect(JSON.stringify(view)).not.toContain('planted');
    const staging = await stack.client.production.drift({ workspace, environment: 'staging' });
    expect(staging).toMatchObject({
      format: 'compose',
      rows: [{ there: 'acme/api:3' }, { state: 'onlyHere' }],
    });
    const tasks = await stack.client.production.drift({ workspace, environment: 'tasks' });
    expect(tasks.rows[0]).toMatchObject({ matchedBy: 'declaration', container: 'task shop-api / app' });
    expect(tasks.rows[1]?.state).toBe('onlyHere');
  });

  it('runs no command of the project’s that nobody has read', async () => {
    const stack = await booted();
    const ask = { workspace: stack.workspace, environment: 'asked' };
    const refused = await stack.client.production
      .drift(ask)
      .catch((thrown: { data: unknown }) => thrown.data);
    expect(refused).toMatchObject({
      kind: 'data.consentRequired',
      missing: [expect.stringMatching(/^run-command:/)],
    });
    expect((refused as { message: string }).message).toContain('cat deploy/k8s.yaml');
    const { missing } = refused as { missing: string[] };
    expect((await stack.client.production.drift({ ...ask, consents: missing })).rows[0]?.service).toBe('api');
    // Once is enough.
    expect((await stack.client.production.drift(ask)).rows[0]?.service).toBe('api');
  });
});

describe('a swap', () => {
  it('runs production’s very image in the local surroundings, and goes back to what was', async () => {
    const stack = await booted();
    await stack.exec('api', 'sh', '-c', 'echo kept > /data/file');
    const before = await configuration(stack);
    const others = await stack.containers();
    expect(await swap(stack, { values: { PAYMENT_KEY: SECRET } })).toEqual({ type: 'done' });

    expect(await said(stack)).toBe(`release production-2 args production key ${SECRET}\n`);
    expect(await stack.exec('api', 'cat', '/data/file')).toBe('kept\n');
    const inside = await stack.inspect('api');
    expect(inside.image).toBe(`${registry.host}/acme/api@${registry.digestOf('acme/api', '2')}`);
    expect(inside.env).toContain('GREETING=hello');
    expect(inside.mounts.map(({ destination }) => destination)).toEqual(['/data']);
    expect(stack.service('api').swap).toMatchObject({ image: 'acme/api:2', until: expect.any(Number) });
    expect((await stat(stack.file('.slipway/swap-api.env'))).mode & 0o777).toBe(0o600);
    const drift = await stack.client.production.drift({ workspace: stack.workspace });
    expect(drift.rows[0]?.state).toBe('same');

    expect(await unswap(stack)).toEqual({ type: 'done' });
    expect(await configuration(stack)).toEqual(before);
    expect(await stack.exec('api', 'cat', '/data/file')).toBe('kept\n');
    expect((await stack.containers())['cache-1']).toEqual(others['cache-1']);
    expect(await readdir(stack.file('.slipway'))).toEqual(['.gitignore']);
    expect(stack.service('api').swap).toBeUndefined();
  });

  it('leaves a stack that docker compose starts the same way', async () => {
    const stack = await booted();
    await swap(stack);
    const files = ['-f', stack.file('compose.yaml'), '-f', stack.file('.slipway/override.yaml')];
    const up = await docker('compose', '-p', stack.name, ...files, 'up', '-d', '--dry-run');
    expect(up.status, up.stderr).toBe(0);
    expect(up.stderr).toMatch(/api-1\s+Running/);
  });

  it('can go on to an earlier release, and still back to the local one', async () => {
    const stack = await booted();
    const before = await configuration(stack);
    await swap(stack);
    expect(await swap(stack, { image: ':3' })).toEqual({ type: 'done' });
    expect(await said(stack)).toContain('production-3');
    expect(await readFile(stack.file('.slipway/override.yaml'), 'utf8')).toContain('build: !reset');
    expect(await unswap(stack)).toEqual({ type: 'done' });
    expect(await configuration(stack)).toEqual(before);
  });

  it('that cannot be pulled, or is not there, changes nothing', async () => {
    const stack = await booted();
    const before = await stack.containers();
    const gone = swap(stack, { image: ':gone' });
    await expect(gone).rejects.toMatchObject({ data: { kind: 'image.notFound' } });
    registry.fault = 'rateLimited';
    try {
      await expect(swap(stack)).rejects.toMatchObject({ data: { kind: 'image.rateLimited' } });
    } finally {
      registry.fault = 'none';
    }
    expect(await stack.containers()).toEqual(before);
    expect(await readdir(stack.file('.slipway')).catch(() => [])).toEqual([]);
  });

  it('ends by itself when its time has come', async () => {
    const stack = await booted();
    const before = await configuration(stack);
    await swap(stack);
    const leases = JSON.parse(await readFile(stack.file('.slipway/swaps.json'), 'utf8'));
    leases.swaps[0].until = Date.now() - 1;
    await writeFile(stack.file('.slipway/swaps.json'), JSON.stringify(leases));
    await stack.client.project.reload({ workspace: stack.workspace });
    await eventually(() => stack.service('api').swap === undefined, { limitMs: 60_000 });
    await eventually(
      () => stack.record<WorkspaceRecord>(`workspace:${stack.workspace}`)?.activeRun === undefined,
    );
    expect(await configuration(stack)).toEqual(before);
  });

  it('ends with Slipway where one wants that', async () => {
    const stack = await booted();
    const before = await configuration(stack);
    await swap(stack, { leaseMs: null, endOnQuit: true });
    expect(stack.service('api').swap).toMatchObject({ until: undefined });
    await stack.client.project.close({ workspace: stack.workspace });
    expect(await configuration(stack)).toEqual(before);
  });

  it('leaves no value of a variable in any file but the one it named', async () => {
    const stack = await booted();
    await swap(stack, { values: { PAYMENT_KEY: SECRET } });
    const root = path.dirname(stack.file('.'));
    const texts = [SECRET, SECRET.replaceAll('\\', '\\\\')];
    const holders = (await filesUnder(root)).flatMap(({ file, content }) =>
      texts.some((text) => content.includes(text)) ? [file] : [],
    );
    // The service prints it itself; that a container's own words are collected is not ours to hide.
    const ours = holders.filter((file) => !file.includes(`${path.sep}logs${path.sep}`));
    expect(ours.map((file) => path.basename(file))).toEqual([]);
    expect(JSON.stringify(stack.service('api'))).not.toContain('planted');
  });
});

describe('a swap that is killed', () => {
  it('leaves the service on one image or the other, and one command goes either way', async () => {
    const stack = await booted();
    const before = await configuration(stack);
    // The soak has fifty; these are one in the pull, one in the replacement, one on the way back.
    for (const kill of [
      { of: 'swap', afterMs: Math.random() * 200 },
      { of: 'swap', afterMs: 300 + Math.random() * 400 },
      { of: 'unswap', afterMs: Math.random() * 600 },
    ] as const)
      await killAndReturn({ stack, releases, before }, kill);
  }, 300_000);
});
