import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createEchoCore } from '#support/echoCore.ts';
import { startWebHost, type WebHost } from './host.ts';

const TOKEN = 'the-token-of-this-test';
const core = createEchoCore();
let host: WebHost;
let rendererDir: string;
let cookie: string;
let folder: string;

beforeAll(async () => {
  rendererDir = await mkdtemp(path.join(tmpdir(), 'slipway-web-'));
  await mkdir(path.join(rendererDir, 'assets'));
  await writeFile(path.join(rendererDir, 'index.html'), '<!doctype html><title>Window</title>');
  await writeFile(path.join(rendererDir, 'assets', 'main-1a2b.js'), 'export {};');
  await writeFile(path.join(rendererDir, 'notes.txt'), 'not for anybody');
  host = await startWebHost({ core: core.core, port: 0, host: '127.0.0.1', rendererDir, token: TOKEN });
  const first = await get(`/?token=${TOKEN}`);
  cookie = String(first.headers['set-cookie']?.[0]).split(';')[0] ?? '';
  folder = /url=([^"]+)"/.exec(first.body)?.[1] ?? '';
});

afterAll(async () => {
  await host.close();
  await rm(rendererDir, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function get(target: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: host.port, path: target, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on('error', reject).end();
  });
}

/** 'opened', or the status that refused the socket. */
function openSocket(headers: Record<string, string>, target = `${folder}socket`): Promise<string | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}${target}`, { headers });
    socket.on('open', () => {
      socket.close();
      resolve('opened');
    });
    socket.on('unexpected-response', (asked, response) => {
      asked.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

test('the token is traded for a cookie below a folder, and leaves the address', async () => {
  const { status, headers, body } = await get(`/?token=${TOKEN}`);
  expect(status).toBe(200);
  expect(headers['set-cookie']?.[0]).toMatch(/; Path=\/s-[\w-]{43}\/; HttpOnly; SameSite=Strict$/);
  expect(body).not.toContain(TOKEN);
  expect(cookie).not.toContain(TOKEN);
  expect(new URL(host.url).searchParams.get('token')).toBe(TOKEN);
});

test('the window is served with a strict policy', async () => {
  const { status, headers, body } = await get(folder, { headers: { cookie } });
  expect({ status, body }).toEqual({ status: 200, body: '<!doctype html><title>Window</title>' });
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/);
  expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/);
  const script = await get(`${folder}assets/main-1a2b.js`, { headers: { cookie } });
  expect(script.headers['cache-control']).toContain('immutable');
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
});

test.each([
  ['no token', '/', {}],
  ['a wrong token', '/?token=the-token-of-that-test', {}],
  ['an empty token', '/?token=', {}],
  ['the window without the cookie', () => folder, {}],
  ['a script without the cookie', () => `${folder}assets/main-1a2b.js`, {}],
  ['the cookie without the folder', '/index.html', { cookie: () => cookie }],
  ['a wrong folder', `/s-${'a'.repeat(43)}/`, { cookie: () => cookie }],
  ['a wrong cookie', () => folder, { cookie: () => `slipway=${'a'.repeat(43)}` }],
  ['the token under a rebound name', `/?token=${TOKEN}`, { host: () => `evil.example:${host.port}` }],
  ['the window under a rebound name', () => folder, { cookie: () => cookie, host: () => 'evil.example' }],
  ['another port in Host', () => folder, { cookie: () => cookie, host: () => '127.0.0.1:1' }],
  ['another origin', () => folder, { cookie: () => cookie, origin: () => 'http://127.0.0.1:1' }],
  ['another site', () => folder, { cookie: () => cookie, 'sec-fetch-site': () => 'cross-site' }],
  ['another port of this site', () => folder, { cookie: () => cookie, 'sec-fetch-site': () => 'same-site' }],
  ['health under a rebound name', '/healthz', { host: () => 'evil.example' }],
])('nothing is given to %s', async (_name, target, headers: Record<string, () => string>) => {
  const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value()]));
  const answer = await get(typeof target === 'string' ? target : target(), { headers: sent });
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 403, body: '' });
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test.each(['%2e%2e/package.json', '..%2f..%2fetc/passwd', 'notes.txt', '%00', '%', 'assets', 'missing.js'])(
  'only files of the window are served: %s is none',
  async (below) => {
    const { status, body } = await get(`${folder}${below}`, { headers: { cookie } });
    // An encoded `..` is resolved with the address and ends outside the folder.
    expect({ status, body }).toEqual({ status: below.startsWith('%2e') ? 403 : 404, body: '' });
  },
);

test('other methods are refused, health is answered', async () => {
  expect((await get(folder, { method: 'POST', headers: { cookie } })).status).toBe(405);
  expect((await get('/healthz')).status).toBe(204);
});

test('a socket opens for our own page only', async () => {
  const origin = `http://127.0.0.1:${host.port}`;
  expect(await openSocket({ cookie, origin })).toBe('opened');
  expect(await openSocket({ origin })).toBe(403);
  expect(await openSocket({ cookie })).toBe(403);
  expect(await openSocket({ cookie, origin: 'http://evil.example' })).toBe(403);
  expect(await openSocket({ cookie, origin: 'null' })).toBe(403);
  expect(await openSocket({ cookie, origin: `http://127.0.0.1:${host.port + 1}` })).toBe(403);
  expect(await openSocket({ cookie, origin: 'http://evil.example', host: 'evil.example' })).toBe(403);
  expect(await openSocket({ cookie, origin }, '/socket')).toBe(403);
  expect(await openSocket({ cookie, origin }, `${folder}other`)).toBe(403);
});

test('a reader of another version is told so and let go', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}${folder}socket`, {
    headers: { cookie, origin: `http://127.0.0.1:${host.port}` },
  });
  const said: string[] = [];
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('message', (data) => said.push(String(data)));
  socket.on('open', () => socket.send(JSON.stringify({ protocol: 99, open: { type: 'requests' } })));
  await closed;
  expect(said.map((text) => JSON.parse(text))).toMatchObject([
    { type: 'refused', error: { kind: 'protocol.version', client: 99, server: 1 } },
  ]);
});

test('a port in use is said as that', async () => {
  const options = { core: core.core, port: host.port, host: '127.0.0.1', rendererDir };
  await expect(startWebHost(options)).rejects.toMatchObject({
    error: { kind: 'port.inUse', port: host.port },
  });
});
