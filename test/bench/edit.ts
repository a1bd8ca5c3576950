import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LABELS } from '#compose/labels.ts';
import { eventually } from '../support/eventually.ts';
import { HASH_COMMAND, hashOf, switchBranch, writeBranch } from '../support/manyFiles.ts';
import { OpenedStack } from './openedStack.ts';
import { type Figure, median, ratioOf, seconds } from './report.ts';

interface Pair {
  readonly ours: number;
  readonly other: number;
}

const ANSWER_LIMIT_MS = 60_000;
/** What is measured is not to be rounded up to the next question. */
const ASK_AGAIN_MS = 5;

const DOCKERFILE =
  'FROM busybox:1\nWORKDIR /www\nCOPY . .\nCMD ["httpd", "-f", "-p", "8000", "-h", "/www"]\n';

function stackOf(name: string): string {
  return `name: ${name}
services:
  api:
    build: ./api
    init: true
    ports: ["127.0.0.1::8000"]
    develop:
      watch:
        - { path: ./api/src, action: sync, target: /www/src }
  bystander:
    image: busybox:1
    init: true
    command: [sleep, "100000"]
`;
}

/** From the edit of one file to the new code answering: build and replace, and sync. */
export async function editFigures(rounds: number): Promise<Figure[]> {
  return withApi(`benchedit${process.pid}`, async (stack, folder) => {
    const others = await bystander(stack);
    const built: Pair[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ours = await answering(stack, folder, async () => {
        await stack.timed(stack.client.builds.replace({ workspace: stack.workspace, service: 'api' }));
      });
      const other = await answering(stack, folder, async () => {
        await stack.compose('up', '-d', '--build', 'api');
      });
      built.push({ ours, other });
    }
    // The last container is docker compose's: ours again, so that the one that is synced is the one it would be.
    await stack.timed(stack.client.builds.replace({ workspace: stack.workspace, service: 'api' }));
    await stack.client.watch.start({ workspace: stack.workspace, services: ['api'] });
    const synced: number[] = [];
    for (let round = 0; round < rounds; round += 1)
      synced.push(await answering(stack, folder, async () => undefined));
    if ((await bystander(stack)) !== others) throw new Error('the other service was touched');
    return [
      figure('edit to answer, build and replace', 'up -d --build api', built, 1),
      {
        name: 'edit to answer, sync',
        ours: seconds(median(synced)),
        other: `slowest ${seconds(Math.max(...synced))}`,
        value: median(synced),
        unit: 'ms',
        target: 1000,
      },
    ];
  });
}

/** A branch switch, from its end to equal content in the container, against `docker compose watch`. */
export async function branchFigures(own: {
  readonly files: number;
  readonly rounds: number;
}): Promise<Figure[]> {
  const pairs: Pair[] = [];
  for (let round = 0; round < own.rounds; round += 1) {
    const ours = await branchSwitch(own.files, async (stack) => {
      await stack.client.watch.start({ workspace: stack.workspace, services: ['api'] });
      return async () => undefined;
    });
    const other = await branchSwitch(own.files, async (stack) => composeWatch(stack));
    pairs.push({ ours, other });
  }
  return [figure(`branch switch of ${own.files} files to equal content`, 'docker compose watch', pairs, 1.2)];
}

async function branchSwitch(
  files: number,
  begin: (stack: OpenedStack) => Promise<() => Promise<void>>,
): Promise<number> {
  return withApi(`benchbranch${process.pid}`, async (stack, folder) => {
    const src = path.join(folder, 'api/src');
    await writeBranch(src, files);
    await stack.compose('up', '-d', '--build', '--wait');
    const end = await begin(stack);
    try {
      await switchBranch(src, files);
      const began = performance.now();
      const wanted = await hashOf(src);
      await eventually(async () => (await inApi(stack, `cd /www/src && ${HASH_COMMAND}`)) === wanted, {
        limitMs: 300_000,
      });
      return performance.now() - began;
    } finally {
      await end();
    }
  });
}

/** Resolves when it says that it watches. */
async function composeWatch(stack: OpenedStack): Promise<() => Promise<void>> {
  const words = ['compose', '-f', stack.file, '-p', stack.name, 'watch', '--no-up', 'api'];
  const watch = spawn('docker', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => watch.once('close', () => resolve()));
  let said = '';
  for (const stream of [watch.stdout, watch.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  await eventually(() => /watch enabled/i.test(said), { limitMs: 60_000 });
  return async () => {
    watch.kill('SIGINT');
    await ended;
  };
}

async function withApi<T>(
  name: string,
  work: (stack: OpenedStack, folder: string) => Promise<T>,
): Promise<T> {
  const stack = await OpenedStack.open(name, stackOf(name));
  const folder = path.dirname(stack.file);
  try {
    await mkdir(path.join(folder, 'api/src'), { recursive: true });
    await writeFile(path.join(folder, 'api/Dockerfile'), DOCKERFILE);
    await writeFile(path.join(folder, 'api/src/index.html'), 'first');
    await stack.boot();
    return await work(stack, folder);
  } finally {
    await stack.client.watch.stop({ workspace: stack.workspace });
    await stack.dispose();
  }
}

/** Milliseconds from the edit until the new text is served; `act` is what makes it so. */
async function answering(stack: OpenedStack, folder: string, act: () => Promise<void>): Promise<number> {
  const text = `edited ${performance.now()}`;
  const began = performance.now();
  await writeFile(path.join(folder, 'api/src/index.html'), text);
  await act();
  while ((await asked(stack)) !== text) {
    if (performance.now() - began > ANSWER_LIMIT_MS) throw new Error('the new code never answered');
    await delay(ASK_AGAIN_MS);
  }
  return performance.now() - began;
}

async function asked(stack: OpenedStack): Promise<string> {
  const { ports } = await inspected(stack, 'api');
  const port = ports.find(({ containerPort }) => containerPort === 8000)?.hostPort;
  return fetch(`http://127.0.0.1:${port}/src/index.html`).then(
    (answer) => answer.text(),
    () => '',
  );
}

async function bystander(stack: OpenedStack): Promise<string> {
  const { id, startedAt } = await inspected(stack, 'bystander');
  return `${id} ${startedAt}`;
}

async function inspected(stack: OpenedStack, service: string) {
  const labels = [`${LABELS.project}=${stack.name}`, `${LABELS.service}=${service}`];
  const [found] = await stack.engine.listContainers({ labels, all: false });
  if (found === undefined) return { id: '', startedAt: undefined, ports: [] };
  return stack.engine.inspectContainer(found.id);
}

async function inApi(stack: OpenedStack, command: string): Promise<string> {
  const { id } = await inspected(stack, 'api');
  const { stdout } = await stack.engine.exec(id as never, { command: ['sh', '-c', command] });
  return new TextDecoder().decode(stdout).trim();
}

function figure(name: string, against: string, pairs: readonly Pair[], target: number): Figure {
  const ours = median(pairs.map((pair) => pair.ours));
  const other = median(pairs.map((pair) => pair.other));
  return {
    name,
    ours: seconds(ours),
    other: `${against}: ${seconds(other)}`,
    value: ratioOf(pairs),
    unit: '',
    target,
  };
}
