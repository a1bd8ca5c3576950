import { request } from 'node:http';
import { expect } from '@playwright/test';
import { WebSocket } from 'ws';
import { test } from './fixtures.ts';
import { type Admission, admit } from './support/reader.ts';
import { loadWindow, startServer } from './support/webHost.ts';

interface Server {
  readonly url: string;
  readonly port: number;
  readonly admission: Admission;
}

/** A server of its own, without a window: these specs are about who may ask it. */
const withServer = test.extend<{ server: Server }>({
  server: async ({ world }, use) => {
    const started = await startServer(world);
    await use({
      url: started.url,
      port: Number(new URL(started.url).port),
      admission: await admit(started.url),
    });
    await started.stop();
  },
});

/** Status and body as a client sees them that may write any header. */
function ask(port: number, path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(`${response.statusCode} ${body}`.trim()));
    })
      .on('error', reject)
      .end();
  });
}

function openSocket(address: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(address, { headers });
    socket.on('open', () => {
      socket.close();
      resolve('opened');
    });
    socket.on('unexpected-response', (asked, response) => {
      asked.destroy();
      resolve(String(response.statusCode));
    });
    socket.on('error', (error) => resolve(error.message));
  });
}

withServer('without the token the server gives nothing', async ({ server }) => {
  const { port, admission } = server;
  const { cookie, folder } = admission;
  expect(await ask(port, folder, { cookie })).toContain('200');
  const nothing = await Promise.all([
    ask(port, '/', {}),
    ask(port, '/?token=wrong', {}),
    ask(port, '/index.html', { cookie }),
    ask(port, folder, {}),
    ask(port, folder, { cookie: `slipway=${'x'.repeat(43)}` }),
    ask(port, `${folder}socket`, {}),
  ]);
  expect(nothing).toEqual(nothing.map(() => '403'));
});

withServer('a name that was rebound to this machine gets nothing', async ({ server }) => {
  const { port, admission } = server;
  const { pathname, search } = new URL(server.url);
  const host = `rebound.example:${port}`;
  expect(await ask(port, `${pathname}${search}`, { host })).toBe('403');
  expect(await ask(port, admission.folder, { host, cookie: admission.cookie })).toBe('403');
  const address = `ws://127.0.0.1:${port}${admission.folder}socket`;
  const origin = `http://${host}`;
  expect(await openSocket(address, { host, origin, cookie: admission.cookie })).toBe('403');
});

withServer('a socket opens for the own page only', async ({ server }) => {
  const { cookie, origin, folder } = server.admission;
  const address = `ws://127.0.0.1:${server.port}${folder}socket`;
  expect(await openSocket(address, { cookie, origin })).toBe('opened');
  expect(await openSocket(address, { origin })).toBe('403');
  expect(await openSocket(address, { cookie })).toBe('403');
  expect(await openSocket(address, { cookie, origin: 'http://127.0.0.1:1' })).toBe('403');
  expect(await openSocket(address, { cookie, origin: 'https://evil.example' })).toBe('403');
});

withServer('a page of another origin in the same browser gets nothing', async ({ server, chromium }) => {
  const context = await (await chromium()).newContext();
  try {
    const own = await context.newPage();
    await loadWindow(own, server.url);
    expect(new URL(own.url()).pathname).toBe(server.admission.folder);
    expect(new URL(own.url()).search).toBe('');
    // The same host on another port: same site for a browser, so its cookie would go along if the path were known.
    const stranger = await context.newPage();
    await stranger.route('http://127.0.0.1:1/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>stranger</title>' }),
    );
    await stranger.goto('http://127.0.0.1:1/');
    const { folder } = server.admission;
    const seen = await stranger.evaluate(
      async ({ base, below }) => {
        const read = await fetch(`${base}${below}`, { credentials: 'include' }).then(
          (response) => response.text(),
          () => 'refused',
        );
        const socket = await new Promise((resolve) => {
          const opened = new WebSocket(`${base.replace('http', 'ws')}${below}socket`);
          opened.onopen = () => resolve('opened');
          opened.onerror = () => resolve('refused');
        });
        return { read, socket, cookie: document.cookie };
      },
      { base: `http://127.0.0.1:${server.port}`, below: folder },
    );
    expect(seen).toEqual({ read: 'refused', socket: 'refused', cookie: '' });
  } finally {
    await context.close();
  }
});

withServer('another port of the host is never sent the cookie', async ({ server, chromium }) => {
  const context = await (await chromium()).newContext();
  try {
    const page = await context.newPage();
    await loadWindow(page, server.url);
    const cookies = await context.cookies('http://127.0.0.1:1/');
    expect(cookies).toEqual([]);
    expect(
      (await context.cookies(page.url())).map(({ name, httpOnly, sameSite }) => ({
        name,
        httpOnly,
        sameSite,
      })),
    ).toEqual([{ name: 'slipway', httpOnly: true, sameSite: 'Strict' }]);
  } finally {
    await context.close();
  }
});
