import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import { eventually } from '../support/eventually.ts';
import { failureOf, type Harness, IMAGE, kindOf } from './harness.ts';

const MILLISECOND = 1_000_000;

/** By when a wait that had begun before a container ended has heard of the end. */
const HEARD_WITHIN_MS = 1000;

export function containerConformance(harness: Harness): void {
  const state = async (id: ContainerId) => (await harness.engine.inspectContainer(id)).state;

  describe('the life of a container', () => {
    test('created: known by id and name, with what it was given, not running', async () => {
      const { id, name } = await harness.create('idle', { Env: ['A=1'] });
      const details = await harness.engine.inspectContainer(name);
      expect(details).toMatchObject({
        id,
        name,
        image: IMAGE,
        state: 'created',
        health: 'none',
        exitCode: 0,
      });
      expect(details.labels).toMatchObject(harness.labels);
      expect(details.env).toContain('A=1');
      expect(details.cmd).toEqual(['sleep', '1000']);
      expect(details.startedAt).toBeUndefined();
    });

    test('start, and start again: it runs', async () => {
      const { id } = await harness.start('idle');
      await harness.engine.startContainer(id);
      expect(await state(id)).toBe('running');
    });

    test('stop: its own exit code; stop again is success', async () => {
      const { id } = await harness.start('polite');
      await harness.engine.stopContainer(id, { graceSeconds: 10 });
      expect(await harness.engine.inspectContainer(id)).toMatchObject({ state: 'exited', exitCode: 7 });
      await harness.engine.stopContainer(id);
    });

    test('stop of one that ignores it: killed after the grace', async () => {
      const { id } = await harness.start('idle');
      await harness.engine.stopContainer(id, { graceSeconds: 1 });
      expect(await harness.engine.inspectContainer(id)).toMatchObject({ state: 'exited', exitCode: 137 });
    });

    test('kill: 137; of a stopped one a conflict', async () => {
      const { id } = await harness.start('idle');
      await harness.engine.killContainer(id);
      expect(await harness.engine.waitContainer(id)).toBe(137);
      expect(await kindOf(harness.engine.killContainer(id))).toBe('engine.conflict');
    });

    test('restart: it runs anew', async () => {
      const { id } = await harness.start('polite');
      const before = (await harness.engine.inspectContainer(id)).startedAt ?? 0;
      await harness.engine.restartContainer(id, { graceSeconds: 10 });
      const after = await harness.engine.inspectContainer(id);
      expect(after.state).toBe('running');
      expect(after.startedAt).toBeGreaterThan(before);
    });

    test('pause and unpause; a paused one takes no exec', async () => {
      const { id } = await harness.start('idle');
      await harness.engine.pauseContainer(id);
      expect(await state(id)).toBe('paused');
      expect(await kindOf(harness.engine.exec(id, { command: ['cat'] }))).toBe('engine.conflict');
      await harness.engine.unpauseContainer(id);
      expect(await state(id)).toBe('running');
    });

    test('remove: a running one only by force; a gone one is success', async () => {
      const { id } = await harness.start('idle');
      expect(await kindOf(harness.engine.removeContainer(id))).toBe('engine.conflict');
      await harness.engine.removeContainer(id, { force: true });
      await harness.engine.removeContainer(id);
      expect(await kindOf(harness.engine.inspectContainer(id))).toBe('engine.notFound');
    });

    test('wait: the code of the end; of one that has not been started 0 at once', async () => {
      const { id } = await harness.create('fails');
      expect(await harness.engine.waitContainer(id)).toBe(0);
      const heard = harness.engine.waitContainer(id, { condition: 'next-exit' });
      // Nobody says when a wait has begun: one that came after the end hears the next. Not sooner: an engine reads the code
      // when it wakes the one who waits, and a container started again in between has none.
      const end = eventually(async () => {
        await harness.engine.startContainer(id);
        return (await Promise.race([heard, delay(HEARD_WITHIN_MS)])) !== undefined;
      });
      expect(await Promise.all([heard, end])).toEqual([3, true]);
    });

    test('wait for removal: resolves when it is gone', async () => {
      const { id } = await harness.start('idle');
      const removed = harness.engine.waitContainer(id, { condition: 'removed' });
      await harness.engine.removeContainer(id, { force: true });
      expect(await removed).toBe(137);
    });

    test('on-failure: started again as often as it says, then left', async () => {
      const policy = { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } };
      const { id } = await harness.start('fails', { HostConfig: policy });
      const details = await eventually(async () => {
        const seen = await harness.engine.inspectContainer(id);
        return seen.restartCount === 2 && seen.state === 'exited' ? seen : undefined;
      });
      expect(details.exitCode).toBe(3);
    });

    test('a missing executable: the start fails, the container stays', async () => {
      const { id } = await harness.create('cannotStart');
      expect(await kindOf(harness.engine.startContainer(id))).toBe('engine.failed');
      expect(await state(id)).toBe('created');
    });

    test('AutoRemove: gone with its end', async () => {
      const { id } = await harness.start('polite', { HostConfig: { AutoRemove: true } });
      const removed = harness.engine.waitContainer(id, { condition: 'removed' });
      await harness.engine.stopContainer(id);
      await removed;
      expect(await kindOf(harness.engine.inspectContainer(id))).toBe('engine.notFound');
    });
  });

  describe('names', () => {
    test('a taken name is a conflict that names it; free again after removal', async () => {
      const { id, name } = await harness.create('idle');
      expect(await failureOf(harness.create('idle', { name }))).toMatchObject({
        kind: 'engine.conflict',
        what: 'container',
        id: name,
      });
      await harness.engine.removeContainer(id);
      await harness.create('idle', { name });
    });

    test('rename; to a taken one is a conflict', async () => {
      const one = await harness.create('idle');
      const two = await harness.create('idle');
      const free = harness.name('renamed');
      await harness.engine.renameContainer(one.id, free);
      expect((await harness.engine.inspectContainer(one.id)).name).toBe(free);
      expect(await kindOf(harness.engine.renameContainer(two.id, free))).toBe('engine.conflict');
    });

    test('list: by label, by whole name, stopped ones only when asked', async () => {
      const label = { ...harness.labels, 'slipway-test.part': 'list' };
      const running = await harness.start('idle', { Labels: label });
      const stopped = await harness.create('idle', { Labels: label, name: `${running.name}-longer` });
      const labels = [harness.label, 'slipway-test.part=list'];
      const ids = async (filter: Parameters<typeof harness.engine.listContainers>[0]) =>
        (await harness.engine.listContainers(filter)).map(({ id }) => id).sort();
      expect(await ids({ all: true, labels })).toEqual([running.id, stopped.id].sort());
      expect(await ids({ all: false, labels })).toEqual([running.id]);
      expect(await ids({ all: true, names: [running.name] })).toEqual([running.id]);
      expect(await ids({ all: true, ids: [stopped.id] })).toEqual([stopped.id]);
      const [summary] = await harness.engine.listContainers({ all: true, names: [running.name] });
      expect(summary).toMatchObject({
        name: running.name,
        image: IMAGE,
        state: 'running',
        networks: ['bridge'],
      });
    });
  });

  describe('what is not there', () => {
    const missing = 'f'.repeat(64) as ContainerId;

    test.each([
      ['inspect', () => harness.engine.inspectContainer(missing)],
      ['start', () => harness.engine.startContainer(missing)],
      ['stop', () => harness.engine.stopContainer(missing)],
      ['kill', () => harness.engine.killContainer(missing)],
      ['restart', () => harness.engine.restartContainer(missing)],
      ['pause', () => harness.engine.pauseContainer(missing)],
      ['rename', () => harness.engine.renameContainer(missing, 'anything')],
      ['wait', () => harness.engine.waitContainer(missing)],
      ['top', () => harness.engine.top(missing)],
      ['changes', () => harness.engine.changes(missing)],
      ['logs', () => harness.engine.openLogs(missing, { follow: false, timestamps: false })],
      ['stats', () => harness.engine.openStats(missing)],
      ['attach', () => harness.engine.attach(missing, { tty: false, stdin: false })],
      ['exec', () => harness.engine.exec(missing, { command: ['cat'] })],
      ['open exec', () => harness.engine.openExec(missing, { command: ['cat'], tty: false, stdin: false })],
      ['read archive', () => harness.engine.readArchive(missing, '/tmp')],
      ['stat path', () => harness.engine.statPath(missing, '/tmp')],
    ] as const)('%s of a container that does not exist', async (_, act) => {
      expect(await failureOf(act())).toMatchObject({
        kind: 'engine.notFound',
        what: 'container',
        id: missing,
      });
    });

    test('create from an image that the engine does not have', async () => {
      const body = { Image: 'slipway-test/nowhere:1', Labels: harness.labels };
      const made = harness.engine.createContainer({ name: harness.name('imageless'), body });
      expect(await failureOf(made)).toMatchObject({ kind: 'engine.notFound', what: 'image' });
    });
  });

  describe('ports', () => {
    const publish = (hostPort: string) => ({
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: hostPort }] } },
    });

    test('a port of its own choice', async () => {
      const { id } = await harness.start('idle', publish(''));
      const { ports } = await harness.engine.inspectContainer(id);
      expect(ports).toMatchObject([{ containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1' }]);
      expect(ports[0]?.hostPort).toBeGreaterThan(1023);
    });

    test('a taken one: the start fails and names it, the container stays and starts once it is free', async () => {
      const first = await harness.start('idle', publish(''));
      const port = (await harness.engine.inspectContainer(first.id)).ports[0]?.hostPort ?? 0;
      const second = await harness.create('idle', publish(String(port)));
      expect(await failureOf(harness.engine.startContainer(second.id))).toMatchObject({
        kind: 'port.inUse',
        port,
        protocol: 'tcp',
      });
      expect(await state(second.id)).toBe('created');
      await harness.engine.removeContainer(first.id, { force: true });
      await harness.engine.startContainer(second.id);
    });
  });

  describe('health', () => {
    const check = (test: string, extra = {}) => ({
      Healthcheck: {
        Test: ['CMD-SHELL', test],
        Interval: 200 * MILLISECOND,
        Timeout: 5000 * MILLISECOND,
        ...extra,
      },
    });
    const reaches = (id: ContainerId, health: string) =>
      eventually(async () => {
        const details = await harness.engine.inspectContainer(id);
        return details.health === health ? details : undefined;
      });

    test('starting, then healthy', async () => {
      const { id } = await harness.start('becomesHealthy', check('test -e /tmp/ready', { Retries: 50 }));
      expect(await harness.engine.inspectContainer(id)).toMatchObject({
        health: 'starting',
        hasHealthcheck: true,
      });
      const healthy = await reaches(id, 'healthy');
      expect(healthy.healthLog.at(-1)).toMatchObject({ exitCode: 0 });
      expect(healthy.failingStreak).toBe(0);
    });

    test('unhealthy after as many failures as it has tries, with what the probe said', async () => {
      const { id } = await harness.start('neverHealthy', check('echo not ready yet; exit 1', { Retries: 2 }));
      const unhealthy = await reaches(id, 'unhealthy');
      expect(unhealthy.failingStreak).toBeGreaterThanOrEqual(2);
      expect(unhealthy.healthLog.at(-1)).toMatchObject({ exitCode: 1, output: 'not ready yet\n' });
    });

    test('a stopped one is not healthy any more', async () => {
      const { id } = await harness.start('becomesHealthy', check('true'));
      await reaches(id, 'healthy');
      await harness.engine.stopContainer(id, { graceSeconds: 0 });
      expect((await harness.engine.inspectContainer(id)).health).toBe('unhealthy');
    });

    test('NONE switches it off', async () => {
      const { id } = await harness.start('idle', { Healthcheck: { Test: ['NONE'] } });
      expect(await harness.engine.inspectContainer(id)).toMatchObject({
        health: 'none',
        hasHealthcheck: false,
      });
    });
  });

  describe('a look inside', () => {
    test('top names the process', async () => {
      const { id } = await harness.start('idle');
      // The engine may tell of a start while the process is not yet its program.
      await eventually(async () => {
        const { titles, rows } = await harness.engine.top(id);
        expect(rows[0]?.length).toBe(titles.length);
        expect(rows.flat().join(' ')).toContain('sleep 1000');
        return true;
      });
    });

    test('limits can be changed while it runs', async () => {
      const { id } = await harness.start('idle');
      await harness.engine.updateContainer(id, { memoryBytes: 64 * 1024 * 1024, nanoCpus: 500_000_000 });
      const { raw } = await harness.engine.inspectContainer(id);
      expect(raw['HostConfig']).toMatchObject({ Memory: 64 * 1024 * 1024, NanoCpus: 500_000_000 });
    });

    test('stats of a running one', async () => {
      const { id } = await harness.start('idle');
      for await (const sample of await harness.engine.openStats(id)) {
        expect(sample.memoryLimitBytes).toBeGreaterThan(0);
        expect(sample.pids).toBeGreaterThan(0);
        expect(sample.cpu).toBeGreaterThanOrEqual(0);
        break;
      }
    });
  });
}
