import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.ts';
import { OpenedStack } from './openedStack.ts';
import { type Figure, median, ratioOf, seconds } from './report.ts';

const run = promisify(execFile);

interface Amount {
  readonly megabytes: number;
  readonly rounds: number;
}

interface Pair {
  readonly ours: number;
  readonly other: number;
}

const stackOf = (name: string) => `
name: ${name}
services:
  db:
    image: postgres:15
    environment: { POSTGRES_PASSWORD: secret, POSTGRES_USER: shop, POSTGRES_DB: shop }
    volumes: [pgdata:/var/lib/postgresql/data]
volumes: { pgdata: {} }
`;

/**
 * A carry of Postgres 15 to 17 against `pg_dumpall | psql` between two containers that run already, and a return to the old
 * version against stopping and starting its container. Ours compares both sides, too; the hand does not.
 */
export async function carryFigures({ megabytes, rounds }: Amount): Promise<Figure[]> {
  const name = `benchcarry${process.pid}`;
  const stack = await OpenedStack.open(name, stackOf(name));
  const { client, workspace } = stack;
  const moved: Pair[] = [];
  const whole: Pair[] = [];
  const back: Pair[] = [];
  try {
    await stack.boot();
    await fill(`${name}-db-1`, megabytes);
    for (let round = 0; round < rounds; round++) {
      const other = await byHand(`${name}-db-1`);
      const stopStart = await stopAndStart(`${name}-db-1`);
      const carried = await stack.timed(
        client.versions.switch({ workspace, service: 'db', to: '17', data: 'carry' }),
      );
      const time = (kind: string) => carried.steps.find((step) => step.kind === kind)?.ms ?? 0;
      moved.push({ ours: time('dump') + time('verify'), other });
      whole.push({ ours: carried.ms, other });
      const returned = await stack.timed(
        client.versions.switch({ workspace, service: 'db', to: '15', data: 'resume' }),
      );
      back.push({ ours: returned.ms, other: stopStart });
      await run('docker', ['volume', 'rm', `${name}_pgdata--17`]);
    }
  } finally {
    await stack.dispose();
  }
  const what = `${megabytes} MB of Postgres 15 to 17`;
  return [
    ratio(`${what}, moved and compared`, 'pg_dumpall | psql', moved, 1),
    ratio(`${what}, the whole switch`, 'pg_dumpall | psql', whole, 1),
    ratio('back to 15, as it was left', 'stop + start by hand', back, 1.2),
  ];
}

/** A checkpoint of the volume, its compression and checksum included, against `tar` of the same folder into a file. */
export async function checkpointFigures({ megabytes, rounds }: Amount): Promise<Figure[]> {
  const name = `benchcheckpoint${process.pid}`;
  const stack = await OpenedStack.open(name, stackOf(name));
  const { client, workspace } = stack;
  const pairs: Pair[] = [];
  try {
    await stack.boot();
    await fill(`${name}-db-1`, megabytes);
    const { stdout } = await run('docker', [
      'volume',
      'inspect',
      `${name}_pgdata`,
      '--format',
      '{{.Mountpoint}}',
    ]);
    for (let round = 0; round < rounds; round++) {
      const other = await tarOf(stdout.trim());
      const stopStart = await stopAndStart(`${name}-db-1`);
      const taken = await stack.timed(client.data.checkpoint({ workspace }));
      // What writes is stopped for the time of the copy and started again: that is no part of copying.
      pairs.push({ ours: taken.ms - stopStart, other });
      const { checkpoints } = await client.data.view({ workspace });
      for (const { id } of checkpoints)
        await client.data.removeCheckpoint({
          workspace,
          checkpoint: id,
          consents: [`remove-checkpoint:${id}`],
        });
    }
  } finally {
    await stack.dispose();
  }
  return [ratio(`checkpoint of a ${megabytes} MB volume`, 'tar of the folder', pairs, 1.3)];
}

async function tarOf(folder: string): Promise<number> {
  const file = path.join(os.tmpdir(), `slipway-bench-${process.pid}.tar`);
  const began = performance.now();
  await run('tar', ['-cf', file, '-C', folder, '.']);
  const took = performance.now() - began;
  await rm(file);
  return took;
}

/** Rows as an application has them: numbers, dates, text, JSON, two tables with keys and indexes, and small ones beside. */
async function fill(container: string, megabytes: number): Promise<void> {
  const customers = Math.round(megabytes * 900);
  const orders = Math.round(megabytes * 2600);
  await psql(
    container,
    `CREATE TABLE customer (id bigserial PRIMARY KEY, name text, email text, tags text[], profile jsonb, seen timestamptz DEFAULT '2026-01-01');
INSERT INTO customer (name, email, tags, profile) SELECT 'Name ' || i, md5(i::text) || '@example.com', ARRAY['a', 'b' || i % 10],
  jsonb_build_object('i', i, 't', md5(i::text)) FROM generate_series(1, ${customers}) i;
CREATE TABLE ordered (id bigserial PRIMARY KEY, customer bigint REFERENCES customer, day date, quantity int, price numeric(10, 2), note text);
INSERT INTO ordered (customer, day, quantity, price, note) SELECT 1 + i % ${customers}, date '2025-01-01' + (i % 365)::int, i % 9,
  (i % 10000) / 100.0, repeat(md5(i::text), 4) FROM generate_series(1, ${orders}) i;
CREATE INDEX ON ordered (customer); CREATE INDEX ON ordered (day); CREATE UNIQUE INDEX ON customer (email);
SELECT format('CREATE TABLE small_%s AS SELECT g, md5(g::text) FROM generate_series(1, 1000) g', n) FROM generate_series(1, 30) n \\gexec
VACUUM (ANALYZE, PARALLEL 0); CHECKPOINT;`,
  );
}

async function psql(container: string, script: string): Promise<void> {
  const words = ['exec', '-i', container, 'psql', '-q', '-v', 'ON_ERROR_STOP=1', '-U', 'shop', '-d', 'shop'];
  const child = spawn('docker', words, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(script);
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`psql ended with ${code}`);
}

/** What somebody types who knows how; the new container is there and ready before the clock starts. */
async function byHand(source: string): Promise<number> {
  const target = `${source}-hand`;
  await run('docker', [
    'run',
    '-d',
    '--name',
    target,
    '-e',
    'POSTGRES_PASSWORD=secret',
    '-e',
    'POSTGRES_USER=shop',
    'postgres:17',
  ]);
  try {
    await answers(target);
    const began = performance.now();
    const line = `docker exec ${source} pg_dumpall -U shop | docker exec -i ${target} psql -q -U shop -d postgres > /dev/null 2>&1`;
    await run('sh', ['-c', line]);
    return performance.now() - began;
  } finally {
    await run('docker', ['rm', '-fv', target]);
  }
}

async function stopAndStart(container: string): Promise<number> {
  const began = performance.now();
  await run('docker', ['stop', container]);
  await run('docker', ['start', container]);
  await answers(container);
  return performance.now() - began;
}

async function answers(container: string): Promise<void> {
  const probe = ['exec', container, 'pg_isready', '-q', '-h', '127.0.0.1', '-U', 'shop'];
  await eventually(() => run('docker', probe), { limitMs: 120_000 });
}

function ratio(name: string, peer: string, pairs: readonly Pair[], target: number): Figure {
  return {
    name,
    ours: seconds(median(pairs.map(({ ours }) => ours))),
    other: `${peer}: ${seconds(median(pairs.map(({ other }) => other)))}`,
    value: ratioOf(pairs),
    unit: '',
    target,
  };
}
