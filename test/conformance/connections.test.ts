import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '#engine/dockerode/dockerodeEngine.ts';
import type { Engine } from '#engine/engine.ts';
import { EngineProxy } from '../support/engineProxy.ts';
import { eventually } from '../support/eventually.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { testEndpoint } from '../support/realEngine.ts';
import { failureOf, Harness, IMAGE, textOf } from './harness.ts';

/** What the kernel and Node hold of a stream that nobody reads: socket buffers on both sides of the proxy and one chunk. */
const UNREAD_LIMIT_BYTES = 4 * 1024 * 1024;

let folder: string;
let proxy: EngineProxy;
let engine: Engine;

const harness = new Harness({ engine: () => engine, scope: failOnLeaks('connections', () => engine) });

beforeAll(async () => {
  const { address } = testEndpoint();
  if (address.type !== 'unix') throw new Error('the proxy needs a unix socket');
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-proxy-'));
  proxy = await EngineProxy.start(folder, address.path);
  engine = await openEngine(proxy.endpoint);
  await engine.pullImage({ reference: IMAGE });
});

afterAll(async () => {
  await engine.close();
  await proxy.stop();
  rmSync(folder, { recursive: true });
});

afterEach(() => harness.cleanUp());

describe('closing a stream', () => {
  /** Opens, closes, and sees that no connection is left beyond those that were open before. */
  async function leavesNothing(open: () => Promise<{ close(): void }>): Promise<void> {
    const before = proxy.open;
    const stream = await open();
    expect(proxy.open).toBeGreaterThan(0);
    stream.close();
    await eventually(() => proxy.open <= before);
  }

  test('that nobody has read yet closes its connection: logs, events, archive, exec, attach', async () => {
    const { id } = await harness.start('ticks');
    await leavesNothing(() => engine.openLogs(id, { follow: true, timestamps: false }));
    await leavesNothing(() => engine.openEvents({}));
    await leavesNothing(() => engine.readArchive(id, '/bin'));
    await leavesNothing(() => engine.openExec(id, { command: ['cat'], tty: true, stdin: true }));
    await leavesNothing(() => engine.attach(id, { tty: false, stdin: false }));
    await leavesNothing(() => engine.saveImages([IMAGE]));
  });

  test('by leaving the loop closes its connection', async () => {
    const { id } = await harness.start('ticks');
    const before = proxy.open;
    for await (const _ of await engine.openLogs(id, { follow: true, timestamps: false })) break;
    for await (const _ of await engine.openStats(id)) break;
    await eventually(() => proxy.open <= before);
  });

  test('close of the engine closes every connection', async () => {
    const { id } = await harness.start('ticks');
    const before = proxy.open;
    const other = await openEngine(proxy.endpoint);
    await other.openLogs(id, { follow: true, timestamps: false });
    await other.openEvents({});
    await other.openExec(id, { command: ['cat'], tty: true, stdin: true });
    await other.close();
    await eventually(() => proxy.open <= before);
  });
});

describe('a stream that nobody reads', () => {
  test('stops the engine: no more than the buffers on the way is taken', async () => {
    const { id } = await harness.start('idle', { Cmd: ['yes', 'x'.repeat(200)] });
    const start = proxy.received;
    const logs = await engine.openLogs(id, { follow: true, timestamps: false });
    const reader = logs[Symbol.asyncIterator]();
    await reader.next();
    let last = -1;
    await eventually(() => {
      const stalled = proxy.received === last;
      last = proxy.received;
      return stalled;
    });
    const taken = last - start;
    expect(taken).toBeLessThan(UNREAD_LIMIT_BYTES);
    for (let read = 0; read < taken; ) read += (await reader.next()).value?.length ?? 0;
    await eventually(() => proxy.received > last);
    logs.close();
    await engine.killContainer(id);
  });
});

describe('an engine that goes away', () => {
  test('in the middle: logs and waiting calls fail as lost, events end, and it is there again at once', async () => {
    const { id } = await harness.start('ticks');
    // Asked first: when the streams below have been accepted, its connection stands too.
    const waiting = failureOf(engine.waitContainer(id));
    const events = await engine.openEvents({ labels: ['slipway-test-nothing'] });
    const logs = await engine.openLogs(id, { follow: true, timestamps: false });
    const reading = failureOf(textOf(logs));
    proxy.cut();
    for await (const event of events) throw new Error(`nothing should come: ${event.action}`);
    expect(await reading).toMatchObject({ kind: 'engine.unreachable', reason: 'lost' });
    expect(await waiting).toMatchObject({ kind: 'engine.unreachable', reason: 'lost' });
    expect((await engine.inspectContainer(id)).state).toBe('running');
  });
});
