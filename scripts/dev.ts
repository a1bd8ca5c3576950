import { createServer, type Plugin } from 'vite';
import { WebSocketServer } from 'ws';
import { createCore } from '#app/core.ts';
import { systemOptions } from '#app/hostOptions.ts';
import { connectEngine } from '#engine/dockerode/connectEngine.ts';
import { createDoor } from '#serve/door.ts';
import { socketPipe } from '#serve/socketPipe.ts';

/**
 * `npm run dev`: the window with hot reload, over a core in this process. Changes under src-renderer show at once; for
 * those under src-main run `node --watch scripts/dev.ts`, the window connects again by itself.
 */
const core = createCore(systemOptions({ connectEngine }));

/** The core's socket beside Vite's own. Vite checks the Host; the origin is checked here: no other page gets the core. */
function coreSocket(): Plugin {
  return {
    name: 'slipway-core',
    configureServer(server) {
      const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
      const door = createDoor(core);
      server.httpServer?.on('upgrade', (request, socket, head) => {
        if (request.url !== '/socket') return;
        const own = request.headers.origin === `http://${request.headers.host}`;
        if (!own || !isLoopbackHost(request.headers.host)) return void socket.destroy();
        sockets.handleUpgrade(request, socket, head, (opened) => door.accept(socketPipe(opened)));
      });
    },
  };
}

function isLoopbackHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\]):\d+$/.test(host ?? '');
}

const server = await createServer({ plugins: [coreSocket()], server: { host: '127.0.0.1' } });
await server.listen();
server.printUrls();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, async () => {
    await server.close();
    await core.dispose();
    process.exit(0);
  });
}
