import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { EngineEndpoint } from '../endpoints.ts';
import { connectEngine } from './connectEngine.ts';
import { openEngine } from './dockerodeEngine.ts';

const ID = 'f'.repeat(64) as ContainerId;

let folder: string;
let server: http.Server | undefined;
/** Paths as they were asked for. */
let asked: string[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-engine-'));
  asked = [];
});

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  rmSync(folder, { recursive: true });
});

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** An engine that answers `/version` properly and everything else as the test says. */
async function serve(
  answer: Answer,
  version = { ApiVersion: '1.41', MinAPIVersion: '1.12' },
): Promise<EngineEndpoint> {
  const socket = path.join(folder, 'engine.sock');
  server = http.createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/version')) response.end(JSON.stringify(version));
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server?.listen(socket, resolve));
  return endpointAt(socket);
}

function endpointAt(socket: string): EngineEndpoint {
  return { address: { type: 'unix', path: socket }, url: `unix://${socket}`, source: 'test', explicit: true };
}

async function failure(work: Promise<unknown>) {
  const thrown = await work.then(
    () => new Error('it should have failed'),
    (reason: unknown) => reason,
  );
  if (thrown instanceof AppFailure) return thrown.error;
  throw thrown;
}

describe('the connection', () => {
  test('that breaks in the middle of an answer is lost, not waited for', async () => {
    const endpoint = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"Id": "', () => response.destroy());
    });
    const engine = await openEngine(endpoint);
    expect(await failure(engine.inspectContainer(ID))).toMatchObject({
      kind: 'engine.unreachable',
      reason: 'lost',
    });
    await engine.close();
  });

  test('that was kept and has died is not the fault of the next question', async () => {
    let answered = 0;
    const endpoint = await serve((request, response) => {
      if (++answered === 2) request.socket.destroy();
      else response.end('[]');
    });
    const engine = await openEngine(endpoint);
    await engine.listContainers({ all: true });
    expect(await engine.listContainers({ all: true })).toEqual([]);
    await engine.close();
  });

  test('is kept: many questions, few connections', async () => {
    const endpoint = await serve((_, response) => response.end('[]'));
    let connections = 0;
    server?.on('connection', () => connections++);
    const engine = await openEngine(endpoint);
    await Promise.all(Array.from({ length: 200 }, () => engine.listContainers({ all: true })));
    expect(connections).toBeLessThanOrEqual(16);
    expect(engine.requests.count).toBe(201);
    await engine.close();
  });

  test('is not handed to the environment: DOCKER_HOST does not redirect an endpoint', async () => {
    const endpoint = await serve((_, response) => response.end('[]'));
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
    try {
      const engine = await openEngine(endpoint);
      expect(await engine.listContainers({ all: true })).toEqual([]);
      await engine.close();
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  });

  test('an answer that never comes is given up with the signal', async () => {
    const endpoint = await serve(() => undefined);
    const engine = await openEngine(endpoint);
    const abort = new AbortController();
    const waiting = failure(engine.listContainers({ all: true, signal: abort.signal }));
    setImmediate(() => abort.abort());
    expect((await waiting).kind).toBe('cancelled');
    await engine.close();
  });

  test('a body of the wrong shape is read as far as it goes', async () => {
    const endpoint = await serve((_, response) => response.end('{"State": null, "Config": null}'));
    const engine = await openEngine(endpoint);
    expect(await engine.inspectContainer(ID)).toMatchObject({ name: '', state: 'dead', env: [], ports: [] });
    await engine.close();
  });
});

describe('over ssh', () => {
  /** An `ssh` that notes how it was called and, as the far side would, joins its standard streams to the engine's socket. */
  function ssh(socket: string): void {
    const script = `#!${process.execPath}
      const { connect } = require('node:net');
      require('node:fs').appendFileSync(${JSON.stringify(path.join(folder, 'calls'))}, process.argv.slice(2).join(' ') + '\\n');
      const engine = connect(${JSON.stringify(socket)});
      process.stdin.pipe(engine).pipe(process.stdout);
      engine.on('close', () => process.exit(0));`;
    writeFileSync(path.join(folder, 'ssh'), script);
    chmodSync(path.join(folder, 'ssh'), 0o755);
  }

  async function withPath<T>(act: () => Promise<T>): Promise<T> {
    const before = process.env['PATH'];
    process.env['PATH'] = `${folder}:${before}`;
    try {
      return await act();
    } finally {
      process.env['PATH'] = before;
    }
  }

  const far = (host: string): EngineEndpoint => ({
    address: { type: 'ssh', host, user: 'ada' },
    url: `ssh://ada@${host}`,
    source: 'test',
    explicit: true,
  });

  test('calls go through one connection, streams through their own', async () => {
    const endpoint = await serve((request, response) => {
      if (request.url?.includes('/logs')) response.end('a line');
      else response.end('[]');
    });
    ssh(endpoint.address.type === 'unix' ? endpoint.address.path : '');
    await withPath(async () => {
      const engine = await openEngine(far('build'));
      expect(await engine.listContainers({ all: true })).toEqual([]);
      const chunks: Uint8Array[] = [];
      for await (const chunk of await engine.openLogs(ID, { follow: false, timestamps: false }))
        chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe('a line');
      await engine.close();
    });
    const calls = readFileSync(path.join(folder, 'calls'), 'utf8').trim().split('\n');
    expect(calls).toEqual(Array(2).fill('-o ConnectTimeout=30 -T -l ada -- build docker system dial-stdio'));
  });

  test('what ssh says is the reason', async () => {
    writeFileSync(
      path.join(folder, 'ssh'),
      '#!/bin/sh\necho "Host key verification failed." >&2\nexit 255\n',
    );
    chmodSync(path.join(folder, 'ssh'), 0o755);
    await withPath(async () => {
      const thrown = await openEngine(far('build')).catch((reason: unknown) => reason);
      expect(thrown).toMatchObject({
        error: { kind: 'engine.unreachable' },
        cause: { message: 'Host key verification failed.' },
      });
    });
  });
});

describe('the version of the API', () => {
  test('is the newest that both speak', async () => {
    const endpoint = await serve((_, response) => response.end('[]'), {
      ApiVersion: '1.60',
      MinAPIVersion: '1.44',
    });
    const engine = await openEngine(endpoint);
    await engine.listContainers({ all: true });
    expect(asked.at(-1)).toMatch(/^\/v1\.51\/containers\/json/);
    await engine.close();
  });

  test('is the oldest an engine speaks, when that is newer than what we know', async () => {
    const endpoint = await serve((_, response) => response.end('[]'), {
      ApiVersion: '1.90',
      MinAPIVersion: '1.80',
    });
    const engine = await openEngine(endpoint);
    await engine.listContainers({ all: true });
    expect(asked.at(-1)).toMatch(/^\/v1\.80\//);
    await engine.close();
  });

  test('too old is said so', async () => {
    const endpoint = await serve(() => undefined, { ApiVersion: '1.40', MinAPIVersion: '1.12' });
    expect(await failure(openEngine(endpoint))).toMatchObject({
      kind: 'engine.tooOld',
      apiVersion: '1.40',
      minimum: '1.41',
    });
  });
});

describe('connecting', () => {
  const environment = (variables: Record<string, string>) => ({
    platform: 'linux',
    home: folder,
    variables,
    readFile: async () => undefined,
  });

  test('takes the engine that answers', async () => {
    const endpoint = await serve((_, response) => response.end('{}'));
    const engine = await connectEngine(undefined, environment({ DOCKER_HOST: endpoint.url }));
    expect((await engine.info()).endpoint).toBe(endpoint.url);
    await engine.close();
  });

  test('no socket: absent, and says where it looked', async () => {
    const url = `unix://${folder}/none.sock`;
    expect(await failure(connectEngine(undefined, environment({ DOCKER_HOST: url })))).toMatchObject({
      kind: 'engine.unreachable',
      reason: 'absent',
      endpoint: url,
      message: `There is no engine at DOCKER_HOST (${url}).`,
    });
  });

  test('a port where nothing listens: refused', async () => {
    const url = 'tcp://127.0.0.1:1';
    expect(await failure(connectEngine(undefined, environment({ DOCKER_HOST: url })))).toMatchObject({
      reason: 'refused',
    });
  });

  test('is given up with the signal', async () => {
    const work = connectEngine(AbortSignal.abort(), environment({ DOCKER_HOST: 'tcp://127.0.0.1:1' }));
    expect((await failure(work)).kind).toBe('cancelled');
  });
});
