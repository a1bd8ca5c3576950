import { afterEach, expect, test } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { type MessagePipe, memoryPipes } from '#base/messagePipe.ts';
import type { AppError } from '#contract/errors.ts';
import type { ReadState, StateFrame } from '#contract/frames.ts';
import { type RecordKey, recordKey, type StateRecord } from '#contract/model.ts';
import type { DownControl } from '#contract/streams.ts';
import { createEchoCore, type EchoCore } from '#support/echoCore.ts';
import { eventually } from '#support/eventually.ts';
import { CoreConnection } from './coreConnection.ts';

const engine: StateRecord = { type: 'engine', status: { type: 'connecting' } };
const snapshot: StateFrame = {
  type: 'snapshot',
  epoch: 'e1',
  revision: 1,
  records: [[recordKey(engine), engine]],
};

function patch(since: number): StateFrame {
  const put: [RecordKey, StateRecord][] = [[recordKey(engine), engine]];
  return { type: 'patch', epoch: 'e1', since, revision: since + 1, put, removed: [] };
}

const connections: CoreConnection[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});

/** A connection over memory whose pipes the test can cut. */
function world(core: EchoCore) {
  const pipes: MessagePipe[] = [];
  let diagnosis: AppError | undefined;
  let answering = true;
  const transport = {
    open() {
      const [near, far] = memoryPipes();
      pipes.push(near);
      if (answering) core.accept(far);
      else far.close();
      return near;
    },
    diagnose: async () => diagnosis,
  };
  const connection = new CoreConnection({ transport, clock: systemClock });
  connections.push(connection);
  return {
    connection,
    cut: () => pipes.splice(0).forEach((pipe) => void pipe.close()),
    stopAnswering(why?: AppError) {
      answering = false;
      diagnosis = why;
    },
    answerAgain() {
      answering = true;
      diagnosis = undefined;
    },
  };
}

test('a request waits for the first connection and is answered', async () => {
  const { connection } = world(createEchoCore());
  expect(connection.status.type).toBe('connecting');
  expect(await connection.client.project.config({ workspace: 'w', format: 'yaml' })).toEqual({
    text: 'config of w',
  });
});

test('failures arrive as what they are', async () => {
  const { client } = world(createEchoCore()).connection;
  await expect(client.project.reload({ workspace: 'w' })).rejects.toMatchObject({
    error: { kind: 'notFound', what: 'workspace' },
  });
  await expect(client.project.config({ workspace: '', format: 'yaml' })).rejects.toMatchObject({
    error: { kind: 'input.invalid' },
  });
  await expect(client.project.close({ workspace: 'w' })).rejects.toMatchObject({
    error: { kind: 'internal' },
  });
  const stop = AbortSignal.abort();
  await expect(client.project.close({ workspace: 'w' }, { signal: stop })).rejects.toMatchObject({
    error: { kind: 'cancelled' },
  });
});

test('a request while the connection is lost fails at once, and works again after', async () => {
  const { connection, cut, stopAnswering, answerAgain } = world(createEchoCore());
  await eventually(() => connection.status.type === 'connected');
  stopAnswering();
  cut();
  await eventually(() => connection.status.type === 'lost');
  await expect(connection.client.project.config({ workspace: 'w', format: 'yaml' })).rejects.toMatchObject({
    error: { kind: 'protocol.closed' },
  });
  answerAgain();
  connection.retry();
  await eventually(() => connection.status.type === 'connected');
  expect(await connection.client.project.config({ workspace: 'w', format: 'yaml' })).toBeDefined();
});

test('a core that does not know this page is not asked again until the user says so', async () => {
  const { connection, cut, stopAnswering, answerAgain } = world(createEchoCore());
  await eventually(() => connection.status.type === 'connected');
  stopAnswering({ kind: 'protocol.denied', message: 'Another start.' });
  cut();
  connection.retry();
  await eventually(() => {
    connection.retry();
    return connection.status.type === 'refused';
  });
  answerAgain();
  connection.retry();
  await eventually(() => connection.status.type === 'connected');
});

test('the state goes on from its revision after a lost connection', async () => {
  const core = createEchoCore({ first: snapshot });
  const { connection, cut } = world(core);
  const states: ReadState[] = [];
  connection.watchState((state) => states.push(state));
  await eventually(() => states.length === 1);
  core.push(patch(1));
  await eventually(() => states.at(-1)?.revision === 2);
  cut();
  await eventually(() => core.watches.length === 2);
  expect(core.watches).toEqual([undefined, { epoch: 'e1', revision: 2 }]);
  await eventually(() => core.readers() === 1);
});

test('a frame that does not follow leads to a snapshot', async () => {
  const core = createEchoCore({ first: snapshot });
  const { connection } = world(core);
  const states: ReadState[] = [];
  connection.watchState((state) => states.push(state));
  await eventually(() => states.length === 1);
  core.push(patch(7));
  await eventually(() => core.watches.length === 2 && states.length === 2);
  expect(core.watches).toEqual([undefined, undefined]);
});

test('a feed that breaks in the core is asked for again; the connection stays', async () => {
  const core = createEchoCore({ first: snapshot });
  const { connection } = world(core);
  const statuses: string[] = [];
  connection.onStatus(({ type }) => statuses.push(type));
  connection.watchState(() => {});
  await eventually(() => core.readers() === 1);
  core.breakFeeds();
  await eventually(() => core.watches.length === 2);
  expect(statuses).toEqual(['connected']);
});

test('bytes and controls go both ways, in pieces where they are long', async () => {
  const core = createEchoCore();
  const { connection } = world(core);
  const stream = connection.openStream({ type: 'terminal', session: 's', columns: 80, rows: 24 });
  const controls: DownControl[] = [];
  const sizes: number[] = [];
  stream.onControl((message) => controls.push(message));
  stream.onData((bytes) => sizes.push(bytes.length));
  await eventually(() => controls.length === 1);
  stream.write(new Uint8Array(150_000));
  stream.control({ type: 'resize', columns: 100, rows: 30 });
  await eventually(() => controls.length === 2);
  expect(sizes).toEqual([65_536, 65_536, 18_928]);
  expect(controls[1]).toEqual({ type: 'note', text: '{"type":"resize","columns":100,"rows":30}' });
});

test('a stream is opened again after a lost connection, where its reader wants it', async () => {
  const core = createEchoCore();
  const { connection, cut } = world(core);
  let after = 'line-1';
  const stream = connection.openStream(() => ({ type: 'logs', workspace: 'w', services: [], after }));
  const opens: string[] = [];
  stream.onOpen((opening) => opens.push(opening));
  await eventually(() => core.streams.length === 1);
  after = 'line-9';
  cut();
  await eventually(() => core.streams.length === 2);
  expect(opens).toEqual(['first', 'again']);
  expect(core.streams.map(({ request }) => request.type === 'logs' && request.after)).toEqual([
    'line-1',
    'line-9',
  ]);
});

test('a stream that the core ended stays ended', async () => {
  const core = createEchoCore();
  const { connection } = world(core);
  const ends: (AppError | undefined)[] = [];
  connection.openStream({ type: 'download', ticket: 't' }).onEnd((error) => ends.push(error));
  await eventually(() => ends.length === 1);
  expect(ends).toMatchObject([{ kind: 'notFound', what: 'ticket' }]);
  expect(core.streams).toHaveLength(1);
});

test('closing the connection ends its streams and its feed in the core', async () => {
  const core = createEchoCore({ first: snapshot });
  const { connection } = world(core);
  connection.watchState(() => {});
  connection.openStream({ type: 'terminal', session: 's', columns: 80, rows: 24 });
  await eventually(() => core.streams.length === 1 && core.readers() === 1);
  let closed = false;
  core.streams[0]?.channel.onClose(() => {
    closed = true;
  });
  connection.close();
  await eventually(() => closed && core.readers() === 0);
});
