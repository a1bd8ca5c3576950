import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { ensureHub } from '../test/hub/hub.ts';

/**
 * `npm run demo`: an engine (found, or installed and started), the images (from Docker Hub, or made here where it cannot be
 * reached), the example shop booted, one order sent through it, and the window opened on it.
 * `--no-window` ends after the order; tests use it.
 */
const SHOP = path.resolve(import.meta.dirname, '../examples/shop');
const IMAGES = [
  'nginx:1.26',
  'postgres:15',
  'postgres:17',
  'redis:7.0',
  'rabbitmq:3.10',
  'python:3.11',
  'node:20',
  'ruby:3.1',
  'busybox',
];
/** The whole boot takes seconds; a first pull over a slow line takes minutes. */
const ORDER_TIMEOUT_MS = 30_000;

function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

/** The shop itself may hold its ports from an earlier demo; then they are right as they are. */
async function isOurs(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/api/stats`, { signal: AbortSignal.timeout(2000) });
    return ((await answer.json()) as { release?: string }).release !== undefined;
  } catch {
    return false;
  }
}

function readEnv(): Record<string, string> {
  try {
    const lines = readFileSync(path.join(SHOP, '.env'), 'utf8').split('\n');
    return Object.fromEntries(
      lines.filter((line) => line.includes('=')).map((line) => line.split('=', 2) as [string, string]),
    );
  } catch {
    return {};
  }
}

/** Ports that are taken on this machine are moved in the example's own .env, which the window reads too. */
async function choosePorts(): Promise<number> {
  const env = readEnv();
  const gateway = Number(env['GATEWAY_PORT'] ?? 8080);
  if (await isOurs(gateway)) return gateway;
  const wanted = { GATEWAY_PORT: gateway, POSTGRES_PORT: Number(env['POSTGRES_PORT'] ?? 5432) };
  const chosen = {
    GATEWAY_PORT: await nextFree(wanted.GATEWAY_PORT),
    POSTGRES_PORT: await nextFree(wanted.POSTGRES_PORT),
  };
  if (chosen.GATEWAY_PORT !== wanted.GATEWAY_PORT || chosen.POSTGRES_PORT !== wanted.POSTGRES_PORT) {
    const lines = Object.entries({ ...env, ...chosen }).map(([name, value]) => `${name}=${value}`);
    writeFileSync(path.join(SHOP, '.env'), `${lines.join('\n')}\n`);
    console.log(
      `Ports in use on this machine were moved: the shop answers on ${chosen.GATEWAY_PORT} (examples/shop/.env).`,
    );
  }
  return chosen.GATEWAY_PORT;
}

async function nextFree(port: number): Promise<number> {
  return (await isFree(port)) ? port : nextFree(port + 1);
}

/** One order, in through the gateway, until a worker has paid it: the shop works, not only runs. */
async function order(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/api/orders`;
  const created = await fetch(url, { method: 'POST', body: JSON.stringify({ item: 'a coil of rope' }) });
  const { id } = (await created.json()) as { id: number };
  const deadline = Date.now() + ORDER_TIMEOUT_MS;
  for (;;) {
    const found = (await (await fetch(`${url}/${id}`)).json()) as { status: string; paid_by: string };
    if (found.status === 'paid')
      return console.log(`Order ${id} went through the queue and was paid by worker ${found.paid_by}.`);
    if (Date.now() > deadline)
      throw new Error(`Order ${id} is still ${found.status} after ${ORDER_TIMEOUT_MS / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const hub = await ensureHub({ only: IMAGES, log: (line) => console.log(line) });
console.log(
  hub.source === 'docker-hub'
    ? 'Images come from Docker Hub.'
    : 'Docker Hub cannot be reached: images come from the offline hub.',
);
const port = await choosePorts();
const status = await run('node', [
  path.resolve(import.meta.dirname, '../src-main/cli/main.ts'),
  '--project-directory',
  SHOP,
  '-f',
  path.join(SHOP, 'compose.yaml'),
  'up',
  '--timings',
]);
if (status !== 0) process.exit(status);
await order(port);
console.log(`The shop answers on http://localhost:${port}`);
if (!process.argv.includes('--no-window'))
  process.exitCode = await run('node', [path.resolve(import.meta.dirname, 'start.ts'), SHOP]);
