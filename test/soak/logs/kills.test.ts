import { once } from 'node:events';
import path from 'node:path';
import Docker from 'dockerode';
import { expect, test } from 'vitest';
import { LogStore } from '#streams/logStore/logStore.ts';
import { eventually } from '#support/eventually.ts';
import { SeededRandom } from '#support/seededRandom.ts';
import { floodService, STOP_FILE } from '../../bench/logs/floodStack.ts';
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
/** More than a round takes on a busy machine: the services are stopped after the last kill. */
const ROUND_SECONDS = 120;
/** Older lines must not be lost by a kill, in milliseconds. */
const LAST_MOMENT_MS = 1000;
/** The services write ten times a second: the newest line may be so old by itself. */
const STEP_MS = 100;
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
    const lines = await written();
    const wanted = lines.reduce((sum, count) => sum + count, 0);
    const server = await opened(world, folder);
    const own = { prefix: 'flood', services: SERVICES, lines: Math.max(...lines) };
    await eventually(async () => (await numberedLines(await storeOf(world), own)).found >= wanted, {
      limitMs: 300_000,
    });
    await server.stop();
    const { found, doubled, outOfOrder } = await numberedLines(await storeOf(world), own);
    expect({ found, doubled, outOfOrder }).toEqual({ found: wanted, doubled: 0, outOfOrder: 0 });
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

/**
 * The store opens again and holds what was in it, and of each service every line but those of the last moment. Returns how
 * old the newest line of the service that is furthest behind was at the kill, in milliseconds.
 */
async function killedOnce(world: World, folder: string): Promise<number> {
  const before = await storedBytes(world);
  const server = await opened(world, folder);
  // Under load from here on: it has taken in what it had missed, and goes on.
  await eventually(async () => (await storedBytes(world)) > before, { limitMs: 60_000 });
  await eventually(
    async () => Date.now() - (await newest(world, 'of the one furthest behind')) < LAST_MOMENT_MS,
    {
      limitMs: 60_000,
    },
  );
  const caughtUp = await newest(world);
  await eventually(async () => (await newest(world)) > caughtUp + random.below(RUN_MS), { limitMs: 60_000 });
  const told = await newest(world);
  const killedAt = Date.now();
  server.child.kill('SIGKILL');
  await once(server.child, 'exit');
  expect(await newest(world)).toBeGreaterThanOrEqual(told);
  const behind = killedAt - (await newest(world, 'of the one furthest behind'));
  expect(behind).toBeLessThanOrEqual(LAST_MOMENT_MS + STEP_MS);
  return behind;
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

/** The time of the newest stored line of the services, in milliseconds. */
async function newest(
  world: World,
  which: 'of all' | 'of the one furthest behind' = 'of all',
): Promise<number> {
  const store = await LogStore.open({ folder: await storeOf(world), readOnly: true });
  const lanes = store.lanes.filter(({ key }) => key.service.startsWith('flood'));
  const times = lanes.map(({ last }) => last.secs * 1000 + last.nanos / 1e6);
  await store.dispose();
  return which === 'of all' ? Math.max(0, ...times) : Math.min(...times);
}

const docker = new Docker();
const filters = { label: [`com.docker.compose.project=${PROJECT}`] };

function containers() {
  return docker.listContainers({ filters });
}

/** Ends the services. Returns how many lines each has written. */
async function written(): Promise<readonly number[]> {
  const running = (await containers()).map(({ Id }) => docker.getContainer(Id));
  for (const container of running) {
    const exec = await container.exec({ Cmd: ['touch', STOP_FILE] });
    await exec.start({});
  }
  const counts: number[] = [];
  for (const container of running) {
    await eventually(async () => (await tailOf(container)).includes('finished'), { limitMs: 60_000 });
    counts.push(Number(/line (\d+) .*\n.*finished/.exec(await tailOf(container))?.[1]));
  }
  return counts;
}

async function tailOf(container: Docker.Container): Promise<string> {
  return (await container.logs({ stdout: true, tail: 2 })).toString('latin1');
}

async function removeStack(): Promise<void> {
  for (const { Id } of await docker.listContainers({ all: true, filters }))
    await docker.getContainer(Id).remove({ force: true, v: true });
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
}
