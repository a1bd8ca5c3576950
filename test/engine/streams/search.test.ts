import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRouterClient, type RouterClient } from '@orpc/server';
import { afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import type { ByteChannel } from '#base/byteChannel.ts';
import { Emitter } from '#base/emitter.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { SearchPiece, StoredLine } from '#contract/requests/logs.ts';
import type { DownControl, StreamRequest } from '#contract/streams.ts';
import { eventually } from '#support/eventually.ts';
import { needImages } from '#support/world.ts';
import { type Core, createCore } from '../../../src-main/app/core.ts';
import { systemOptions } from '../../../src-main/app/hostOptions.ts';
import { copyIn, copyOut } from '../../../src-main/app/logs/copyFiles.ts';
import type { RecordKey, WorkspaceRecord } from '../../../src-main/contract/model.ts';
import { connectEngine } from '../../../src-main/engine/dockerode/connectEngine.ts';
import { systemEnvironment } from '../../../src-main/engine/systemEnvironment.ts';

const COMPOSE = `name: streams-search
services:
  writer:
    image: busybox:1
    init: true
    command: ["sh", "-c", "for i in $$(seq 1 500); do echo \\"INFO request $$i served\\"; done; sleep 0.3; echo 'ERROR disk is on fire' >&2; touch /made; exec sleep 3600"]
    healthcheck: { test: [CMD, test, -e, /made] }
  other:
    image: busybox:1
    init: true
    command: ["sh", "-c", "echo WARN quiet; exec sleep 3600"]
`;

let folder = '';
let core: Core;
let client: RouterClient<Core['router'], Record<never, never>>;
let workspace = '';

beforeAll(() => needImages('busybox:1'));
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'slipway-search-'));
  writeFileSync(path.join(folder, 'compose.yaml'), COMPOSE);
  const folders = { home: folder, config: `${folder}/.c`, state: `${folder}/.s`, cache: `${folder}/.k` };
  const variables = { DOCKER_HOST: inject('engineHost') };
  const connect = (signal: AbortSignal) => connectEngine(signal, { ...systemEnvironment(), variables });
  core = createCore(systemOptions({ connectEngine: connect, folders }));
  client = createRouterClient(core.router, { context: {} });
  ({ workspace } = await client.project.open({ path: folder }));
  const key = `workspace:${workspace}` as RecordKey;
  await eventually(() => (core.feed.get(key) as WorkspaceRecord | undefined)?.live, { limitMs: 20_000 });
  expect(await run(client.stack.boot({ workspace }))).toEqual({ outcome: 'done' });
});
afterEach(async () => {
  expect(await run(client.stack.down({ workspace, graceSeconds: 1 }))).toEqual({ outcome: 'done' });
  await core.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function run(started: Promise<{ readonly run: string }>) {
  const { run: id } = await started;
  return client.stack.wait({ workspace, run: id });
}

type Search = Parameters<typeof client.logs.search>[0];

async function search(query: Omit<Search, 'workspace'>): Promise<{ last: SearchPiece; hits: StoredLine[] }> {
  const hits: StoredLine[] = [];
  let last: SearchPiece | undefined;
  for await (const piece of await client.logs.search({ workspace, ...query })) {
    hits.push(...piece.hits);
    last = piece;
  }
  if (last === undefined) throw new Error('the search gave nothing');
  return { last, hits };
}

/** A reader in memory that acknowledges at once. */
function reader(request: StreamRequest) {
  const data: Uint8Array[] = [];
  const said: DownControl[] = [];
  const up = new Emitter<Uint8Array>();
  const upControls = new Emitter<unknown>();
  const closes = new Emitter<void>();
  const channel: ByteChannel = {
    send: (bytes) => {
      data.push(bytes);
      queueMicrotask(() => upControls.emit({ type: 'ack', bytes: bytes.length }));
    },
    control: (message) => void said.push(message as DownControl),
    onData: (listener) => up.on(listener),
    onControl: (listener) => upControls.on(listener),
    onClose: (listener) => closes.on(listener),
    close: () => closes.emit(),
  };
  core.openStream(request, channel);
  const end = async () => {
    await eventually(() => said.some(({ type }) => type === 'end'), { limitMs: 10_000 });
    return said.find((message) => message.type === 'end');
  };
  return { data, up, upControls, end, text: () => Buffer.concat(data).toString() };
}

it('searches what is stored: count, hits, neighbours and what stands around', async () => {
  await eventually(async () => (await search({ filter: { text: 'on fire' } })).last.count === 1, {
    limitMs: 10_000,
  });
  const served = await search({
    filter: { text: 'request \\d+5 served', regex: true },
    services: ['writer'],
  });
  expect([served.last.count, served.last.done, served.hits.length]).toEqual([49, true, 49]);
  const oldest = served.hits.map(({ id }) => id).sort()[0] ?? '';
  const next = await client.logs.find({
    workspace,
    from: oldest,
    direction: 'after',
    filter: { levels: ['error'] },
  });
  expect(next.hit).toMatchObject({ text: 'ERROR disk is on fire', level: 'error', kind: 'stderr' });
  const around = await client.logs.around({
    workspace,
    services: ['writer'],
    at: { line: oldest },
    before: 2,
    after: 3,
  });
  expect(around.lines.map(({ text }) => text)).toEqual(
    [13, 14, 15, 16, 17].map((number) => `INFO request ${number} served`),
  );
  await expect(search({ filter: { text: '(', regex: true } })).rejects.toMatchObject({
    data: { kind: 'input.invalid' },
  });
});

it('says what happened to containers and boots, and knows what a good boot logs', async () => {
  await eventually(async () => (await client.logs.facts({ workspace })).knownKinds > 0, { limitMs: 15_000 });
  expect((await search({ filter: { onlyNew: true } })).last.count).toBe(0);
  await run(client.stack.restart({ workspace, services: ['other'], graceSeconds: 1 }));
  const markers = async () => {
    const { ticket } = await client.logs.export({ workspace, format: 'jsonLines' });
    const stream = reader({ type: 'download', ticket });
    expect(await stream.end()).toEqual({ type: 'end' });
    const lines = stream
      .text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    return lines
      .filter((line) => line['stream'] === 'marker')
      .map((line) => `${line['service']}: ${line['text']}`);
  };
  await eventually(async () => (await markers()).includes('other: restarted'), { limitMs: 10_000 });
  expect((await markers()).sort()).toEqual([
    ': boot began',
    ': boot ended: everything is ready',
    'other: exited with code 143',
    'other: restarted',
    'other: started',
    'writer: started',
  ]);
});

it('lists, shows, gives out and takes in files, and says what changed', async () => {
  const at = { workspace, service: 'writer' };
  await eventually(async () => (await client.files.changes(at)).some((change) => change.path === '/made'), {
    limitMs: 10_000,
  });
  const { entries } = await client.files.list({ ...at, path: '/' });
  expect(entries.find(({ name }) => name === 'made')).toMatchObject({ type: 'file', sizeBytes: 0 });
  const big = Buffer.alloc(3_000_000, 'some bytes ');
  const { ticket } = await client.files.write({ ...at, path: '/tmp', name: 'big', sizeBytes: big.length });
  const upload = reader({ type: 'upload', ticket });
  for (let sent = 0; sent < big.length; sent += 64_000) upload.up.emit(big.subarray(sent, sent + 64_000));
  upload.upControls.emit({ type: 'end' });
  // More than a reader may be ahead: it is cut off, and the container stays as it was.
  expect(await upload.end()).toMatchObject({ type: 'end', error: { kind: expect.any(String) } });

  const small = Buffer.from('hello\n');
  const again = await client.files.write({ ...at, path: '/tmp', name: 'small', sizeBytes: small.length });
  const good = reader({ type: 'upload', ticket: again.ticket });
  good.up.emit(small);
  good.upControls.emit({ type: 'end' });
  expect(await good.end()).toEqual({ type: 'end' });
  expect(await client.files.view({ ...at, path: '/tmp/small' })).toMatchObject({
    text: 'hello\n',
    truncated: false,
  });

  const out = await client.files.read({ ...at, path: '/tmp/small' });
  const download = reader({ type: 'download', ticket: out.ticket });
  expect(await download.end()).toEqual({ type: 'end' });
  expect([out.fileName, download.text()]).toEqual(['small', 'hello\n']);
  const used = reader({ type: 'download', ticket: out.ticket });
  expect(await used.end()).toMatchObject({ error: { kind: 'notFound' } });
  await expect(client.files.list({ ...at, path: 'tmp' })).rejects.toMatchObject({
    data: { kind: 'input.invalid' },
  });
});

it('copies trees into a container and out again, and writes through no link of an archive', async () => {
  const open = core.workspaces.get(workspace);
  const engine = open.engine();
  const id = open.replica('writer').id as ContainerId;
  const signal = AbortSignal.timeout(20_000);
  const local = path.join(folder, 'tree');
  mkdirSync(path.join(local, 'sub'), { recursive: true });
  writeFileSync(path.join(local, 'sub', 'big'), Buffer.alloc(400_000, 'x'));
  symlinkSync('sub/big', path.join(local, 'link'));
  await copyIn({ engine, id, inside: '/tmp', local, signal });
  await copyIn({ engine, id, inside: '/tmp/renamed', local: path.join(local, 'sub', 'big'), signal });
  const back = path.join(folder, 'back');
  await copyOut({ engine, id, inside: '/tmp/tree', local: back, signal });
  expect(readFileSync(path.join(back, 'sub', 'big')).length).toBe(400_000);
  expect(readlinkSync(path.join(back, 'link'))).toBe('sub/big');
  await copyOut({ engine, id, inside: '/tmp/renamed', local: back, signal });
  expect(readFileSync(path.join(back, 'renamed')).length).toBe(400_000);

  const outside = path.join(folder, 'outside');
  mkdirSync(outside);
  const trap = path.join(folder, 'trap');
  mkdirSync(trap);
  symlinkSync(outside, path.join(trap, 'sub'));
  const through = copyOut({ engine, id, inside: '/tmp/tree', local: trap, signal });
  await through; // into trap/tree, beside the link
  rmSync(path.join(trap, 'tree'), { recursive: true });
  symlinkSync(outside, path.join(trap, 'tree'));
  await expect(copyOut({ engine, id, inside: '/tmp/tree', local: trap, signal })).rejects.toMatchObject({
    error: { kind: 'input.invalid' },
  });
});

it('removes toolboxes of a Slipway that is gone, and leaves those of one that runs', async () => {
  const engine = core.workspaces.get(workspace).engine();
  const make = async (owner: string) => {
    const labels = { 'slipway.toolbox': 'gone', 'slipway.toolbox.owner': owner };
    const body = { Image: 'busybox:1', Cmd: ['true'], Labels: labels };
    return (await engine.createContainer({ name: `streams-search-${owner.split('/')[1]}`, body })).id;
  };
  const host = os.hostname();
  const dead = await make(`${host}/4194999`);
  const alive = await make(`${host}/1`);
  const folders = { home: folder, config: `${folder}/2c`, state: `${folder}/2s`, cache: `${folder}/2k` };
  const variables = { DOCKER_HOST: inject('engineHost') };
  const connect = (signal: AbortSignal) => connectEngine(signal, { ...systemEnvironment(), variables });
  const second = createCore(systemOptions({ connectEngine: connect, folders }));
  const left = async () =>
    (await engine.listContainers({ all: true, labels: ['slipway.toolbox=gone'] })).map(({ id }) => id);
  try {
    await eventually(async () => !(await left()).includes(dead), { limitMs: 10_000 });
    expect(await left()).toEqual([alive]);
  } finally {
    await second.dispose();
    for (const id of await left()) await engine.removeContainer(id, { force: true });
  }
});
