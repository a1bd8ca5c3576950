import { once } from 'node:events';
import path from 'node:path';
import Docker from 'dockerode';
import { expect, test } from 'vitest';
import { LogStore } from '#streams/logStore/logStore.ts';
import { eventually } from '#support/eventually.ts';
import { SeededRandom } from '#support/seededRandom.ts';
import { floodService } from '../../bench/logs/floodStack.ts';
import { numberedLines, storeFolders } from '../../bench/logs/storedNumbers.ts';
import { makeProject } from '../../e2e/support/project.ts';
import { connectReader } from '../../e2e/support/reader.ts';
import { type Server, startServer } from '../../e2e/support/webHost.ts';
import { createWorld, type World } from '../../e2e/support/world.ts';

const KILLS = Number(process.env['KILLS'] ?? 50);
const PROJECT = 'slipwaykills';
const SERVICES = 4;
const LINES_PER_SECOND = 400;
/** Each kill comes after so long at most, in milliseconds; a start before it takes a few seconds. */
const RUN_MS = 1500;
const ROUND_SECONDS = 20;
const random = new SeededRandom();

test(`${KILLS} times the app is killed while services write: no line is lost and none is there twice (SEED=${random.seed})`, async () => {
  const world = await createWorld();
  const seconds = KILLS * ROUND_SECONDS;
  const services = Array.from({ length: SERVICES }, (_, index) =>
    floodService({ name: `flood${index}`, linesPerSecond: LINES_PER_SECOND, seconds }),
  );
  try {
    const folder = await makeProject(world, PROJECT, services.join(''));
    await booted(world, folder);
    const behind: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) behind.push(await killedOnce(world, folder));
    process.stderr.write(`at the kills the store was behind by ${behind.map(Math.round).join(', ')} ms\n`);
    await written(seconds * LINES_PER_SECOND);
    const lines = seconds * LINES_PER_SECOND;
    const server = await opened(world, folder);
    const own = { prefix: 'flood', services: SERVICES, lines };
    await eventually(async () => (await numberedLines(await storeOf(world), own)).found >= SERVICES * lines, {
      limitMs: 300_000,
    });
    await server.stop();
    const { lost, doubled, outOfOrder } = await numberedLines(await storeOf(world), own);
    expect({ lost, doubled, outOfOrder }).toEqual({ lost: 0, doubled: 0, outOfOrder: 0 });
  } finally {
    await removeStack();
    await world.remove();
  }
});

async function opened(world: World, folder: string): Promise<Server> {
  const server = await startServer(world);
  const reader = await connectReader(server.url);
  await reader.client.project.open({ path: folder });
  reader.close();
  return server;
}

async function booted(world: World, folder: string): Promise<void> {
  const server = await startServer(world);
  const reader = await connectReader(server.url);
  const { workspace } = await reader.client.project.open({ path: folder });
  await eventually(() => reader.client.stack.boot({ workspace }).then(() => true), { limitMs: 60_000 });
  await eventually(async () => (await containers()).length === SERVICES, { limitMs: 120_000 });
  await eventually(async () => (await storeFolders(path.join(world.folder, 'data'))).length > 0);
  reader.close();
  await server.stop();
}

/** The store opens again and holds what was in it. Returns how old its newest line was at the kill, in milliseconds. */
async function killedOnce(world: World, folder: string): Promise<number> {
  const before = await storedBytes(world);
  const server = await opened(world, folder);
  // Under load from here on: it has taken in what it had missed, and goes on.
  await eventually(async () => (await storedBytes(world)) > before, { limitMs: 60_000 });
  const caughtUp = await newest(world);
  await eventually(async () => (await newest(world)) > caughtUp + random.below(RUN_MS), { limitMs: 60_000 });
  const told = await newest(world);
  const killedAt = Date.now();
  server.child.kill('SIGKILL');
  await once(server.child, 'exit');
  const kept = await newest(world);
  expect(kept).toBeGreaterThanOrEqual(told);
  return killedAt - kept;
}

async function storeOf(world: World): Promise<string> {
  const [folder] = await storeFolders(path.join(world.folder, 'data'));
  if (folder === undefined) throw new Error('There is no log store.');
  return folder;
}

async function storedBytes(world: World): Promise<number> {
  const store = await LogStore.open({ folder: await storeOf(world), readOnly: true });
  await store.dispose();
  return store.bytes;
}

/** The time of the newest stored line, in milliseconds. */
async function newest(world: World): Promise<number> {
  const store = await LogStore.open({ folder: await storeOf(world), readOnly: true });
  const last = Math.max(0, ...store.lanes.map((lane) => lane.last.secs * 1000 + lane.last.nanos / 1e6));
  await store.dispose();
  return last;
}

const docker = new Docker();
const filters = { label: [`com.docker.compose.project=${PROJECT}`] };

function containers() {
  return docker.listContainers({ filters });
}

async function written(lines: number): Promise<void> {
  await eventually(
    async () => {
      const tails = await Promise.all(
        (await containers()).map(({ Id }) => docker.getContainer(Id).logs({ stdout: true, tail: 1 })),
      );
      return tails.every((tail) => tail.toString().includes('finished'));
    },
    { limitMs: (lines / LINES_PER_SECOND) * 3000 + 60_000 },
  );
}

async function removeStack(): Promise<void> {
  for (const { Id } of await docker.listContainers({ all: true, filters }))
    await docker.getContainer(Id).remove({ force: true, v: true });
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
}
