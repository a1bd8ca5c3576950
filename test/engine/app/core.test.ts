import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createRouterClient, type RouterClient } from '@orpc/server';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { needImages } from '#support/world.ts';
import { type Core, createCore } from '../../../src-main/app/core.ts';
import { systemOptions } from '../../../src-main/app/hostOptions.ts';
import { deferred } from '../../../src-main/base/deferred.ts';
import { applyFrame, type ReadState } from '../../../src-main/contract/frames.ts';
import type {
  EngineRecord,
  RecordKey,
  ServiceRecord,
  WorkspaceRecord,
} from '../../../src-main/contract/model.ts';
import { connectEngine } from '../../../src-main/engine/dockerode/connectEngine.ts';
import { systemEnvironment } from '../../../src-main/engine/systemEnvironment.ts';
import { SocketProxy } from './socketProxy.ts';

const PROJECT = 'app-core';
const COMPOSE = `name: ${PROJECT}
services:
  first:
    image: busybox:1
    init: true
    command: ["sleep", "3600"]
    healthcheck: { test: ["CMD", "true"] }
  second:
    image: busybox:1
    init: true
    command: ["sleep", "3600"]
    depends_on: { first: { condition: service_healthy } }
`;

let folder = '';
let proxy: SocketProxy;
let core: Core;
let client: RouterClient<Core['router'], Record<never, never>>;

beforeAll(() => needImages('busybox:1'));
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-core-'));
  writeFileSync(path.join(folder, 'compose.yaml'), COMPOSE);
  proxy = new SocketProxy(inject('engineHost').replace('unix://', ''));
  await proxy.start();
  const variables = { DOCKER_HOST: proxy.url };
  const folders = { home: folder, config: `${folder}/.c`, state: `${folder}/.s`, cache: `${folder}/.k` };
  const connect = (signal: AbortSignal) => connectEngine(signal, { ...systemEnvironment(), variables });
  core = createCore(systemOptions({ connectEngine: connect, folders }));
  client = createRouterClient(core.router, { context: {} });
});
afterEach(async () => {
  const { workspace } = await client.project.open({ path: folder });
  await eventually(() => record<WorkspaceRecord>(`workspace:${workspace}`)?.live, { limitMs: 20_000 });
  const { run } = await client.stack.down({ workspace, graceSeconds: 1 });
  expect(await client.stack.wait({ workspace, run })).toEqual({ outcome: 'done' });
  await core.dispose();
  expect(core.feed.watchers, 'watchers left').toBe(0);
  await proxy.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function record<T>(key: string): T | undefined {
  return core.feed.get(key as RecordKey) as T | undefined;
}
const engine = () => record<EngineRecord>('engine')?.status.type;
const statusOf = (workspace: string, service: string) =>
  record<ServiceRecord>(`service:${workspace}/${service}`)?.status.type;

async function boot(): Promise<string> {
  const { workspace } = await client.project.open({ path: folder });
  await eventually(() => record<WorkspaceRecord>(`workspace:${workspace}`)?.live, { limitMs: 20_000 });
  const { run } = await client.stack.boot({ workspace });
  expect(await client.stack.wait({ workspace, run })).toEqual({ outcome: 'done' });
  return workspace;
}

describe('the core on a real engine', () => {
  it('says at once that the engine has gone, keeps what it knew, and is live again soon after its return', async () => {
    const workspace = await boot();
    const before = core.feed.values().filter(({ type }) => type === 'service');
    const stopped = performance.now();
    await proxy.stop();
    await eventually(() => engine() === 'unreachable', { limitMs: 5_000 });
    expect(performance.now() - stopped).toBeLessThan(3_000);
    await eventually(() => record<WorkspaceRecord>(`workspace:${workspace}`)?.live === false);
    expect(core.feed.values().filter(({ type }) => type === 'service')).toEqual(before);
    const refused = client.stack.boot({ workspace });
    await expect(refused).rejects.toMatchObject({ code: 'APP', data: { kind: 'engine.unreachable' } });

    const started = performance.now();
    await proxy.start();
    await eventually(() => engine() === 'connected');
    expect(performance.now() - started).toBeLessThan(2_500);
    // How long the containers of everybody take to be read is the engine's.
    await eventually(() => record<WorkspaceRecord>(`workspace:${workspace}`)?.live, { limitMs: 20_000 });
    expect(engine()).toBe('connected');
    expect(statusOf(workspace, 'second')).toBe('running');
  });

  it('follows the files: a service that is added, an error, and its repair', async () => {
    const { workspace } = await client.project.open({ path: folder });
    const status = () => record<WorkspaceRecord>(`workspace:${workspace}`)?.project.type;
    const write = (text: string) => writeFileSync(path.join(folder, 'compose.yaml'), text);
    write(`${COMPOSE}  third:\n    image: busybox:1\n`);
    await eventually(() => statusOf(workspace, 'third') === 'absent');
    write(`${COMPOSE}  third:\n    image: busybox:1\n    imagee: x\n`);
    await eventually(() => status() === 'invalid');
    expect(statusOf(workspace, 'third'), 'what was known stays on screen').toBe('absent');
    await expect(client.stack.boot({ workspace })).rejects.toMatchObject({
      data: { kind: 'compose.invalid' },
    });
    write(COMPOSE);
    await eventually(() => status() === 'loaded' && statusOf(workspace, 'third') === undefined);
  });

  it('lets one run work at a time, and says which', async () => {
    const { workspace } = await client.project.open({ path: folder });
    await eventually(() => record<WorkspaceRecord>(`workspace:${workspace}`)?.live, { limitMs: 20_000 });
    const { run } = await client.stack.boot({ workspace });
    await expect(client.stack.stop({ workspace })).rejects.toMatchObject({
      data: { kind: 'run.busy', running: 'Boot' },
    });
    await client.stack.cancel({ workspace, run });
    expect(['cancelled', 'done']).toContain((await client.stack.wait({ workspace, run })).outcome);
  });

  it('stops a service though a boot still waits for the health of another', async () => {
    const sick = `  sick:\n    image: busybox:1\n    init: true\n    command: [sleep, "3600"]\n`;
    const check = '    healthcheck: { test: [CMD, "false"], retries: 1000 }\n';
    writeFileSync(path.join(folder, 'compose.yaml'), `${COMPOSE}${sick}${check}`);
    const { workspace } = await client.project.open({ path: folder });
    await eventually(() => record<WorkspaceRecord>(`workspace:${workspace}`)?.live, { limitMs: 20_000 });
    await client.stack.boot({ workspace });
    const bothRun = () =>
      statusOf(workspace, 'second') === 'running' && statusOf(workspace, 'sick') === 'starting';
    await eventually(bothRun, { limitMs: 20_000 });
    const { run } = await client.stack.stop({ workspace, services: ['second'], graceSeconds: 1 });
    expect(await client.stack.wait({ workspace, run })).toEqual({ outcome: 'done' });
    expect(statusOf(workspace, 'second')).toBe('stopped');
    expect(statusOf(workspace, 'sick'), 'what the boot has started runs on').toBe('starting');
    expect(record<WorkspaceRecord>(`workspace:${workspace}`)?.lastBoot?.outcome).toBe('cancelled');
  });

  it('boots when that is asked for before the engine has answered', async () => {
    const asked = deferred<void>();
    const slow = async (signal: AbortSignal) => {
      await asked.promise;
      const variables = { DOCKER_HOST: proxy.url };
      return connectEngine(signal, { ...systemEnvironment(), variables });
    };
    const folders = { home: folder, config: `${folder}/.d`, state: `${folder}/.t`, cache: `${folder}/.l` };
    const young = createCore(systemOptions({ connectEngine: slow, folders }));
    const its = createRouterClient(young.router, { context: {} });
    const { workspace } = await its.project.open({ path: folder });
    expect(young.feed.get('engine' as RecordKey)).toMatchObject({ status: { type: 'connecting' } });
    const begun = its.stack.boot({ workspace });
    begun.catch(() => undefined); // met below
    await new Promise(setImmediate);
    asked.resolve();
    const { run } = await begun;
    expect(await its.stack.wait({ workspace, run })).toEqual({ outcome: 'done' });
    await young.dispose();
  });

  it('gives two readers the same truth through a boot, and one that comes back only what changed', async () => {
    const stop = new AbortController();
    const states: (ReadState | undefined)[] = [undefined, undefined];
    const readers = states.map(async (_, index) => {
      const frames = await client.state.watch({ protocol: 1 }, { signal: stop.signal });
      for await (const frame of frames) {
        const next = applyFrame(states[index], frame);
        if (next === 'resync') throw new Error('a frame did not follow');
        states[index] = next;
      }
    });
    await boot();
    await eventually(() => states.every((state) => state?.revision === core.feed.revision));
    expect([...(states[0]?.records ?? [])].sort()).toEqual([...(states[1]?.records ?? [])].sort());
    stop.abort();
    await Promise.allSettled(readers);
  });

  it('puts the boot into the history, with what the engine’s own intervals would have cost', async () => {
    const workspace = await boot();
    const [last] = await client.boot.history({ workspace });
    expect(last).toMatchObject({ outcome: 'done', criticalPath: ['first', 'second'] });
    expect(last?.withoutEagerMs).toBeGreaterThan(20_000);
    expect(record<WorkspaceRecord>(`workspace:${workspace}`)?.lastBoot?.outcome).toBe('done');
  });

  it('shows a boot that another process has written, and loses none of it', async () => {
    const { workspace } = await client.project.open({ path: folder });
    const last = () => record<WorkspaceRecord>(`workspace:${workspace}`)?.lastBoot;
    await eventually(() => record<WorkspaceRecord>(`workspace:${workspace}`)?.live, { limitMs: 20_000 });
    expect(last()).toBeUndefined();
    const folders = { home: folder, config: `${folder}/.d`, state: `${folder}/.s`, cache: `${folder}/.l` };
    const other = createCore(systemOptions({ connectEngine, folders, purpose: 'command' }));
    try {
      const command = createRouterClient(other.router, { context: {} });
      const opened = await command.project.open({ path: folder });
      const { run } = await command.stack.boot(opened);
      await command.stack.wait({ ...opened, run });
    } finally {
      await other.dispose();
    }
    await eventually(() => last()?.outcome === 'done');
    await client.stack.wait({
      workspace,
      run: (await client.stack.stop({ workspace, graceSeconds: 1 })).run,
    });
    await boot();
    expect(await client.boot.history({ workspace })).toHaveLength(2);
  });

  it('runs one command in many services', async () => {
    const workspace = await boot();
    const outcomes = await client.terminal.execMany({
      workspace,
      services: ['first', 'second'],
      command: ['hostname'],
    });
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(new Set(outcomes.map(({ output }) => output)).size).toBe(2);
    const absent = await client.terminal.execMany({
      workspace,
      services: ['first'],
      command: ['psql', '-l'],
    });
    expect(absent).toMatchObject([{ output: 'There is no psql in this image.' }]);
  });
});

describe('a failure card’s buttons', () => {
  it('moves a port that is taken to a free one, in the override, and boots', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '0.0.0.0', resolve));
    const { port } = taken.address() as AddressInfo;
    writeFileSync(path.join(folder, 'compose.yaml'), `${COMPOSE}    ports: ["${port}:80"]\n`);
    const { workspace } = await client.project.open({ path: folder });
    await eventually(() => record<WorkspaceRecord>(`workspace:${workspace}`)?.live, { limitMs: 20_000 });
    const { run } = await client.stack.boot({ workspace });
    expect(await client.stack.wait({ workspace, run })).toEqual({ outcome: 'failed' });
    const card = record<ServiceRecord>(`service:${workspace}/second`)?.failure;
    expect(card?.title).toBe(`Port ${port} is taken`);
    const move = card?.fixes.find(({ id }) => id.startsWith('port.move:'))?.id ?? '';
    const fixed = await client.stack.fix({ workspace, service: 'second', fix: move });
    expect(await client.stack.wait({ workspace, run: fixed.run })).toEqual({ outcome: 'done' });
    const second = record<ServiceRecord>(`service:${workspace}/second`);
    expect(second?.status.type).toBe('running');
    expect(second?.failure).toBeUndefined();
    expect(second?.ports[0]?.published).not.toBe(port);
    await new Promise((resolve) => taken.close(resolve));
  });
});
