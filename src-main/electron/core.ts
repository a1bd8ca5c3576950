import { createCore } from '#app/core.ts';
import { systemOptions } from '#app/hostOptions.ts';
import { connectEngine } from '#engine/dockerode/connectEngine.ts';
import { createDoor } from '#serve/door.ts';
import type { FromCore, ToCore } from './coreMessages.ts';
import { portPipe } from './portPipe.ts';

/**
 * The core in a process of its own, so that a flood of logs never delays the main process, which draws menus and moves
 * windows. Its readers reach it over ports that the main process hands on unread.
 */
const parent = process.parentPort;

const core = createCore(
  systemOptions({
    connectEngine,
    openExternal: async (url) => parent.postMessage({ type: 'openExternal', url } satisfies FromCore),
  }),
);
const door = createDoor(core);

parent.on('message', ({ data, ports }) => {
  const message = data as ToCore; // only the main process can reach this port
  if (message.type === 'stop') void core.dispose().finally(() => process.exit(0));
  else for (const port of ports) door.accept(portPipe(port));
});
