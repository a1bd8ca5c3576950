import { expect, test } from 'vitest';
import { Emitter } from '#base/emitter.ts';
import type { ByteStream, Connection } from '#client/connection.ts';
import { LogReader } from './logReader.ts';

/** A reader over a stream that the test opens, as often as it is lost. */
function world() {
  const opens = new Emitter<'first' | 'again'>();
  const said: string[] = [];
  const silent = () => ({ dispose: () => undefined });
  const stream = {
    onOpen: (listener: (opening: 'first' | 'again') => void) => opens.on(listener),
    onData: silent,
    onControl: silent,
    onEnd: silent,
    control: ({ type }: { readonly type: string }) => void said.push(type),
    close: () => undefined,
  } as unknown as ByteStream;
  const reader = new LogReader({
    connection: { openStream: () => stream } as unknown as Connection,
    request: () => ({ workspace: 'shop', services: [] }) as never,
    onLines: () => undefined,
    onNote: () => undefined,
    onPassed: () => undefined,
    onEnd: () => undefined,
  });
  return { reader, said, open: (opening: 'first' | 'again') => opens.emit(opening) };
}

test('a pane that was left before its stream was open stays paused', () => {
  const { reader, said, open } = world();
  reader.show();
  reader.hide();
  said.length = 0;
  open('first');
  expect(said).toEqual(['pause']);
});

test('a hidden pane stays paused when the connection comes back, and one that is seen flows', () => {
  const { reader, said, open } = world();
  reader.show();
  open('first');
  expect(said).toEqual([]);
  reader.hide();
  open('again');
  expect(said).toEqual(['pause', 'pause']);
  reader.show();
  open('again');
  expect(said).toEqual(['pause', 'pause', 'resume']);
});
