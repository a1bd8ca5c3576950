import { expect, test } from 'vitest';
import { ackedPipe } from './ackedPipe.ts';
import { alone, memoryPipes, Pipe, type PipeMessage } from './messagePipe.ts';
import { pipeChannel } from './pipeChannel.ts';

/** Lets everything that is queued happen. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

test('what came before anybody listened is read first, then the end', async () => {
  const [near, far] = memoryPipes();
  near.send('one');
  near.send(new Uint8Array([2]));
  near.close();
  await settle();
  const seen: (PipeMessage | 'closed')[] = [];
  far.onMessage((message) => seen.push(message));
  far.onClose(() => seen.push('closed'));
  await settle();
  expect(seen).toEqual(['one', new Uint8Array([2]), 'closed']);
});

test('a listener that leaves after the first message loses none of the others', async () => {
  const [near, far] = memoryPipes();
  for (const text of ['one', 'two', 'three']) near.send(text);
  await settle();
  const seen: string[] = [];
  const first = far.onMessage((message) => {
    seen.push(`first ${message}`);
    void first.dispose();
  });
  await settle();
  far.onMessage((message) => seen.push(`second ${message}`));
  await settle();
  expect(seen).toEqual(['first one', 'second two', 'second three']);
});

test('an end that sends without a reader is cut off', () => {
  let shut = 0;
  const pipe = new Pipe({ post() {}, shut: () => (shut += 1) });
  for (let index = 0; index <= 1_000; index += 1) pipe.receive('more');
  expect(shut).toBe(1);
});

test('a channel tells bytes from controls and keeps each for its first listener', async () => {
  const [near, far] = memoryPipes();
  const up = pipeChannel(near);
  const down = pipeChannel(far);
  // Both before anybody listens.
  up.send(new Uint8Array([1]));
  up.control({ type: 'ack', bytes: 1 });
  await settle();
  const seen: unknown[] = [];
  down.onControl((message) => seen.push(message));
  down.onData((bytes) => seen.push(bytes));
  expect(seen).toEqual([{ type: 'ack', bytes: 1 }, new Uint8Array([1])]);
});

test('text that is no control ends a channel', async () => {
  const [near, far] = memoryPipes();
  let closed = false;
  pipeChannel(far).onClose(() => {
    closed = true;
  });
  near.send('{');
  await settle();
  expect(closed).toBe(true);
});

test('a send resolves when its reader has taken it, or has gone', async () => {
  const [near, far] = memoryPipes();
  const sender = ackedPipe(near, () => {});
  const done: string[] = [];
  void sender.send('one').then(() => done.push('one'));
  await settle();
  expect(done).toEqual([]);
  const taken: string[] = [];
  ackedPipe(far, (text) => taken.push(text));
  await settle();
  expect({ done, taken }).toEqual({ done: ['one'], taken: ['one'] });
  const last = sender.send('two');
  near.close();
  await last;
  await expect(sender.send('three')).rejects.toThrow('closed');
});

test('a view is sent without the bytes around it', () => {
  const whole = new Uint8Array([1, 2, 3, 4]);
  expect(alone(whole)).toBe(whole);
  const part = alone(whole.subarray(1, 3)) as Uint8Array;
  expect([...part]).toEqual([2, 3]);
  expect(part.buffer.byteLength).toBe(2);
});
