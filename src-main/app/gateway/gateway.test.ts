import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Disposables } from '#base/disposables.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { GatewayHandlers } from './gatewayHandlers.ts';
import type { GatewayRoute } from './gatewayRoutes.ts';
import type { OpenSite } from './gatewaySites.ts';
import { SniffingServer } from './sniffingServer.ts';

/** Real servers on this machine stand for replicas: only what the engine would say of them is made up. */
interface World {
  status: ServiceRecord['status'];
  failure?: ServiceRecord['failure'];
  replicas: ObservedContainer[];
  route: GatewayRoute;
  now: number;
}

const HOST = 'web.shop.localhost';
let disposables = new Disposables();
afterEach(async () => {
  await disposables.dispose();
  disposables = new Disposables();
});

function world(ports: readonly number[], change: Partial<World> = {}): World {
  return {
    status: { type: 'running', since: 0, health: 'none' },
    replicas: ports.map((port) => replica(port)),
    route: { service: 'web', port: 80, protocol: 'http', paths: ['/shop'], strip: true },
    now: 1_000_000,
    ...change,
  };
}

function replica(port: number, change: Partial<ObservedContainer> = {}): ObservedContainer {
  const ports = [{ containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: port }];
  return {
    state: 'running',
    health: 'none',
    startedAt: 0,
    ports,
    networks: {},
    ...change,
  } as ObservedContainer;
}

async function gateway(state: World): Promise<number> {
  const record = () =>
    ({ type: 'service', name: 'web', status: state.status, failure: state.failure }) as ServiceRecord;
  const site: OpenSite = {
    project: 'shop',
    services: ['web'],
    routes: [state.route],
    record,
    replicas: () => state.replicas,
  };
  const handlers = new GatewayHandlers({
    sites: () => [site],
    reach: () => ({ direct: false, engineHost: '127.0.0.1' }),
    now: () => state.now,
    port: () => 7080,
  });
  const server = new SniffingServer(handlers);
  disposables.defer(() => server.close());
  return server.listen(0, '127.0.0.1');
}

async function listening(server: {
  listen: Server['listen'];
  close: Server['close'];
  address: Server['address'];
}) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposables.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

const upstream = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
  listening(createServer(answer));

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function ask(
  port: number,
  options: { path?: string; headers?: Record<string, string>; method?: string; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { path = '/', headers = {}, method = 'GET', body } = options;
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path,
      method,
      headers: { host: HOST, ...headers },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.end(body);
  });
}

test('a request must arrive as it was asked, and its answer as it was given', async () => {
  const port = await upstream((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'x-path': request.url ?? '' });
      const { host, 'x-forwarded-host': forwarded } = request.headers;
      response.end(
        JSON.stringify({ method: request.method, host, forwarded, length: Buffer.concat(chunks).length }),
      );
    });
  });
  const entry = await gateway(world([port]));
  const answer = await ask(entry, { method: 'POST', path: '/a%20b?c=d', body: Buffer.alloc(3_000_000, 7) });
  expect(answer.status).toBe(201);
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  expect(answer.headers['x-path']).toBe('/a%20b?c=d');
  expect(JSON.parse(answer.body)).toEqual({ method: 'POST', host: HOST, forwarded: HOST, length: 3_000_000 });
  const byPath = await ask(entry, { path: '/shop/x?y', headers: { host: 'shop.localhost' } });
  expect(byPath.headers['x-path']).toBe('/x?y');
});

test('requests must go to the ready replicas in turn, and to no other', async () => {
  const named = (name: string) => upstream((_, response) => void response.end(name));
  const ports = await Promise.all(['a', 'b', 'c', 'd'].map(named));
  const [a = 0, b = 0, c = 0, d = 0] = ports;
  const state = world([a, b]);
  state.replicas.push(replica(c, { health: 'starting' }), replica(d, { state: 'exited' }));
  const entry = await gateway(state);
  const said = [];
  for (let time = 0; time < 6; time += 1) said.push((await ask(entry)).body);
  expect(said).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  state.replicas[2] = replica(c, { health: 'healthy' });
  const more = [];
  for (let time = 0; time < 3; time += 1) more.push((await ask(entry)).body);
  expect(more.sort()).toEqual(['a', 'b', 'c']);
});

test('a replica that refuses or breaks must not be noticed while another answers', async () => {
  const good = await upstream((_, response) => void response.end('good'));
  const broken = await upstream((request) => void request.socket.destroy());
  const gone = createServer();
  const refused = await new Promise<number>((resolve) =>
    gone.listen(0, '127.0.0.1', () => {
      const { port } = gone.address() as AddressInfo;
      gone.close(() => resolve(port));
    }),
  );
  const entry = await gateway(world([refused, broken, good]));
  for (let time = 0; time < 6; time += 1) expect((await ask(entry)).body).toBe('good');
  // A request that may have done something is not repeated.
  const only = await gateway(world([broken]));
  const answer = await ask(only, { method: 'POST', body: 'pay' });
  expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('web broke the connection')]);
});

test('while it boots there must be a page that asks again, when it is down the words of its card', async () => {
  const state = world([], {
    status: { type: 'waiting', for: [{ service: 'db' as never, condition: 'service_healthy' }] },
  });
  const entry = await gateway(state);
  const page = await ask(entry, { headers: { accept: 'text/html,*/*' } });
  expect([page.status, page.headers['retry-after'], page.headers['cache-control']]).toEqual([
    503,
    '1',
    'no-store',
  ]);
  expect(page.body).toContain('<meta http-equiv="refresh" content="1">');
  expect(page.body).toContain('waits for db: healthy');
  expect((await ask(entry)).body).toBe('web is on its way\nwaits for db: healthy\n');

  state.status = { type: 'exited', at: 0, exitCode: 1, oomKilled: false, restarts: 0 };
  state.failure = {
    rule: 'x',
    title: 'web ended: port 80 is taken',
    explanation: 'Another <program> holds it.',
    lines: ['EADDRINUSE <script>alert(1)</script>'],
    dependents: [],
    fixes: [],
    at: 0,
  };
  const down = await ask(entry, { headers: { accept: 'text/html' } });
  expect(down.status).toBe(502);
  expect(down.body).toContain('<h1>web ended: port 80 is taken</h1>');
  expect(down.body).toContain('Another &lt;program&gt; holds it.');
  expect(down.body).toContain('EADDRINUSE &lt;script&gt;');
  expect(down.body).not.toContain('http-equiv');
  expect((await ask(entry)).body).toContain('EADDRINUSE <script>');
});

test('a port where nothing listens must be waited for at first, then be named', async () => {
  const state = world([1], { now: 10_000 });
  const entry = await gateway(state);
  expect((await ask(entry)).status).toBe(503);
  state.now = 60_000;
  const answer = await ask(entry);
  expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('nothing answers on port 80')]);
});

test('a WebSocket must carry both ways and end on both sides', async () => {
  const port = await new Promise<number>((resolve) => {
    const server: WebSocketServer = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.once('listening', () => resolve((server.address() as AddressInfo).port));
    server.on('connection', (socket, request) => {
      socket.send(`hello ${request.url}`);
      socket.on('message', (data) => socket.send(`echo ${String(data)}`));
    });
    disposables.defer(() => new Promise<void>((done) => server.close(() => done())));
  });
  const entry = await gateway(world([port]));
  const socket = new WebSocket(`ws://127.0.0.1:${entry}/live`, { headers: { host: HOST } });
  const heard: string[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('message', (data) => {
      heard.push(String(data));
      if (heard.length === 1) socket.send('there');
      else socket.close(1000);
    });
    socket.once('close', () => resolve());
  });
  expect(heard).toEqual(['hello /live', 'echo there']);
});

test('HTTP/2 must come in at the same port, for a service that speaks HTTP/1.1', async () => {
  const port = await upstream((request, response) => {
    response.setHeader('x-version', request.httpVersion);
    request.pipe(response);
  });
  const entry = await gateway(world([port]));
  const answers = await overHttp2(entry, ['one', 'two', 'three']);
  expect(answers.map(({ body }) => body)).toEqual(['one', 'two', 'three']);
  expect(answers[0]?.headers['x-version']).toBe('1.1');
});

test('gRPC must get through: HTTP/2 to the service, and its trailers back', async () => {
  const server = createHttp2((request, response) => {
    response.writeHead(200, { 'content-type': 'application/grpc', 'x-version': request.httpVersion });
    response.addTrailers({ 'grpc-status': '0' });
    request.pipe(response);
  });
  const port = await listening(server as never);
  const state = world([port]);
  const entry = await gateway({ ...state, route: { ...state.route, protocol: 'h2c' } });
  const [answer] = await overHttp2(entry, ['call']);
  expect(answer?.headers['x-version']).toBe('2.0');
  expect(answer?.body).toBe('call');
  expect(answer?.trailers['grpc-status']).toBe('0');
  expect((await ask(entry, { method: 'POST', body: 'plain' })).body).toBe('plain');
});

interface Http2Answer {
  headers: Record<string, unknown>;
  trailers: Record<string, unknown>;
  body: string;
}

async function overHttp2(port: number, bodies: readonly string[]): Promise<Http2Answer[]> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  try {
    return await Promise.all(bodies.map((body) => oneStream(session, body)));
  } finally {
    session.destroy();
  }
}

function oneStream(session: ReturnType<typeof connectHttp2>, body: string): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': HOST, te: 'trailers' });
    const answer: Http2Answer = { headers: {}, trailers: {}, body: '' };
    stream.on('response', (headers) => (answer.headers = headers));
    stream.on('trailers', (trailers) => (answer.trailers = trailers));
    stream.on('data', (chunk: Buffer) => (answer.body += String(chunk)));
    stream.once('end', () => resolve(answer));
    stream.once('error', reject);
    stream.end(body);
  });
}

test('a wish for HTTP/2 by upgrade must be answered in HTTP/1.1', async () => {
  const port = await upstream((_, response) => void response.end('plain'));
  const entry = await gateway(world([port]));
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQ' };
  expect((await ask(entry, { headers })).body).toBe('plain');
});

test('pages of the outside world must not reach in, links from it must', async () => {
  const port = await upstream((_, response) => void response.end('in'));
  const entry = await gateway(world([port]));
  const with_ = async (headers: Record<string, string>) => (await ask(entry, { headers })).status;
  expect(await with_({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await with_({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
  expect(await with_({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(200);
  expect(await with_({ origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' })).toBe(200);
  expect(await with_({ origin: 'http://api.shop.localhost:7080', 'sec-fetch-site': 'same-site' })).toBe(200);
  expect(await with_({ host: 'rebound.example' })).toBe(403);
});

test('whoever leaves in the middle must free the connection to the service', async () => {
  let closed: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (closed = resolve));
  const port = await upstream((request, response) => {
    request.socket.once('close', closed);
    response.write('first');
  });
  const entry = await gateway(world([port]));
  const socket = connect(entry, '127.0.0.1');
  socket.write(`GET / HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  await left;
});
