import { expect, test } from 'vitest';
import { memoryPipes } from '#base/messagePipe.ts';
import { pipeChannel } from '#base/pipeChannel.ts';
import { eventually } from '#support/eventually.ts';
import type { TerminalProcess } from './terminalProcess.ts';
import { TerminalHost } from './terminalSession.ts';

const SIZE = { columns: 80, rows: 24 };

/** Prints without end until it is told to end. */
function flood() {
  const state = { pieces: 0, ended: false };
  const process: TerminalProcess = {
    output: (async function* () {
      while (!state.ended) {
        state.pieces += 1;
        yield Buffer.alloc(16 * 1024, 'x');
        await new Promise((resolve) => setImmediate(resolve));
      }
    })(),
    write: async () => undefined,
    resize: async () => undefined,
    exitCode: async () => 129,
    end: async () => {
      state.ended = true;
    },
  };
  return { process, state };
}

test('a session ends although a viewer has frozen', async () => {
  const { process, state } = flood();
  const host = new TerminalHost(process, { size: SIZE, onExit: () => undefined });
  const [ours, frozen] = memoryPipes();
  const served = host.serve(pipeChannel(ours), SIZE);
  const viewer = pipeChannel(frozen);
  viewer.onData(() => undefined); // it never acknowledges
  let before = -1;
  await eventually(async () => {
    const stands = state.pieces > 0 && state.pieces === before;
    before = state.pieces;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return stands && state.pieces === before;
  });
  await host.end();
  expect(host.state).toEqual({ type: 'exited', exitCode: 129 });
  await served;
});
