import { afterEach, expect, test, vi } from 'vitest';
import { memoryPipes } from '#base/messagePipe.ts';
import type { HelloInput } from '#contract/hello.ts';
import { PROTOCOL_VERSION } from '#contract/requests/state.ts';
import { createEchoCore, type EchoCore } from '#support/echoCore.ts';
import { eventually } from '#support/eventually.ts';

afterEach(() => vi.useRealTimers());

/** A reader that says exactly what the test tells it to, and keeps what it hears. */
function knock(core: EchoCore) {
  const [pipe, far] = memoryPipes();
  const heard: string[] = [];
  let closed = false;
  core.accept(far);
  pipe.onMessage((message) => heard.push(String(message)));
  pipe.onClose(() => {
    closed = true;
  });
  const say = (message: unknown) => pipe.send(JSON.stringify(message));
  return { pipe, say, heard, isClosed: () => closed };
}

function hello(open: HelloInput['open'], protocol = PROTOCOL_VERSION): HelloInput {
  return { protocol, open };
}

/** The link's own wire: one request that asks for the state. */
const WATCH = { i: '1', p: { u: '/state/watch', b: { json: { protocol: PROTOCOL_VERSION } } } };

const frame = (revision: number) =>
  ({ type: 'snapshot', epoch: 'e', revision, records: [] }) as const satisfies Parameters<
    EchoCore['push']
  >[0];

test('a reader of our version is let in', async () => {
  const { say, heard } = knock(createEchoCore());
  say(hello({ type: 'requests' }));
  await eventually(() => heard.length === 1);
  expect(JSON.parse(heard[0] ?? '')).toEqual({ type: 'welcome', protocol: PROTOCOL_VERSION });
});

test.each([
  ['another version', hello({ type: 'requests' }, 99), 'protocol.version'],
  ['no hello', { type: 'ack', bytes: 1 }, 'protocol.denied'],
  ['nothing known', { protocol: PROTOCOL_VERSION, open: { type: 'everything' } }, 'input.invalid'],
  [
    'a stream that cannot be',
    {
      protocol: PROTOCOL_VERSION,
      open: { type: 'stream', request: { type: 'terminal', session: 's', columns: 0, rows: 1 } },
    },
    'input.invalid',
  ],
])('%s is refused and let go', async (_name, said, kind) => {
  const core = createEchoCore();
  const { say, heard, isClosed } = knock(core);
  say(said);
  await eventually(isClosed);
  expect(heard.map((text) => JSON.parse(text))).toMatchObject([{ type: 'refused', error: { kind } }]);
  expect(core.streams).toEqual([]);
});

test('who says nothing is let go', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { isClosed } = knock(createEchoCore());
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  await eventually(isClosed);
});

test('what is sent behind the hello is not lost', async () => {
  const { pipe, say, heard } = knock(createEchoCore());
  say(hello({ type: 'stream', request: { type: 'terminal', session: 's', columns: 80, rows: 24 } }));
  pipe.send(new Uint8Array([104, 105]));
  await eventually(() => heard.includes('104,105'));
});

/** A reader whose state feed has begun: the answer's head is acknowledged, the first frame is not. */
async function watching(core: EchoCore) {
  const reader = knock(core);
  reader.say(hello({ type: 'requests' }));
  await eventually(() => reader.heard.length === 1);
  reader.say(WATCH);
  // The acknowledgement of the request, then the answer's head.
  await eventually(() => reader.heard.length === 3);
  reader.pipe.send('');
  await eventually(() => reader.heard.length === 4);
  return reader;
}

test('a reader that does not acknowledge has one frame on the way, and no more', async () => {
  const core = createEchoCore({ first: frame(1) });
  const { pipe, heard } = await watching(core);
  for (let revision = 2; revision < 50; revision += 1) core.push(frame(revision));
  await settle();
  expect({ heard: heard.length, sent: core.sent() }).toEqual({ heard: 4, sent: 1 });
  pipe.send('');
  await eventually(() => heard.length === 5);
  await settle();
  expect({ heard: heard.length, sent: core.sent() }).toEqual({ heard: 5, sent: 2 });
});

test('a text that is no request ends the pipe and its feeds', async () => {
  const core = createEchoCore({ first: frame(1) });
  const { pipe, isClosed } = await watching(core);
  expect(core.readers()).toBe(1);
  pipe.send('{"not":"a request"');
  await eventually(() => isClosed() && core.readers() === 0);
});

test('bytes among requests end the pipe', async () => {
  const { pipe, say, heard, isClosed } = knock(createEchoCore());
  say(hello({ type: 'requests' }));
  await eventually(() => heard.length === 1);
  pipe.send(new Uint8Array([1]));
  await eventually(isClosed);
});

/** Everything that a memory pipe has queued has happened. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
