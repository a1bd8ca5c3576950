import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SearchProgress, searchLogs } from '#streams/logSearch.ts';
import { LogStore } from '#streams/logStore/logStore.ts';
import type { Figure } from '../report.ts';

/** Matches few lines in five million. Both sides look for the literal in it first; the rest is a regular expression. */
const PATTERN = 'order [0-9]*77777 took [0-9]{3}ms by (alice|bob)';
const ROUNDS = 3;
const BUDGET_BYTES = 4 * 1024 * 1024 * 1024;

/** Side by side: a rare regular expression over stored lines, and ripgrep over a file with the same bytes. */
export async function searchFigures(lines: number): Promise<Figure[]> {
  requireRipgrep();
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-bench-'));
  const store = await LogStore.open({ folder: path.join(folder, 'store'), budgetBytes: BUDGET_BYTES });
  try {
    const file = path.join(folder, 'lines.log');
    await write(store, file, lines);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ ours: await ourSearch(store), theirs: await ripgrep(file) });
    return figures(lines, rounds);
  } finally {
    await store.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Round {
  readonly ours: { readonly firstMs: number; readonly allMs: number; readonly count: number };
  readonly theirs: { readonly allMs: number; readonly count: number };
}

function figures(lines: number, rounds: readonly Round[]): Figure[] {
  const counts = new Set(rounds.flatMap(({ ours, theirs }) => [ours.count, theirs.count]));
  if (counts.size !== 1) throw new Error(`The searches found different lines: ${[...counts].join(', ')}.`);
  const first = Math.min(...rounds.map(({ ours }) => ours.firstMs));
  const ours = Math.min(...rounds.map((round) => round.ours.allMs));
  const theirs = Math.min(...rounds.map((round) => round.theirs.allMs));
  const name = `a rare regular expression in ${lines} stored lines`;
  return [
    { name, ours: 'first matches', other: 'from the start', value: first, unit: 'ms', target: 100 },
    {
      name,
      ours: `all: ${ours.toFixed(0)} ms`,
      other: `rg: ${theirs.toFixed(0)} ms`,
      value: ours / theirs,
      unit: '',
      target: 3,
    },
  ];
}

/** The same lines into five services of the store and into one file. */
async function write(store: LogStore, file: string, lines: number): Promise<void> {
  const out = createWriteStream(file);
  const lanes = ['api', 'web', 'db', 'queue', 'mail'].map((service) => store.lane({ service, number: 1 }));
  const entries = lanes.map((lane) => lane.container('bench'));
  for (let index = 0; index < lines; index++) {
    const text = Buffer.from(
      `2026-11-20 14:02:11 INFO order ${index} took ${100 + (index % 900)}ms by ${index % 2 ? 'alice' : 'bob'} in the quick brown shop\n`,
    );
    const place = index % lanes.length;
    const [lane, entry] = [lanes[place], entries[place]];
    if (lane === undefined || entry === undefined) continue;
    lane.append(entry, 0, 1_700_000_000 + Math.floor(index / 1000), index % 1000, text, 0, text.length - 1);
    if (!out.write(text)) await once(out, 'drain');
    if (store.isCongested(lane)) await store.ready(lane);
  }
  out.end();
  await once(out, 'close');
  await store.flush();
}

async function ourSearch(store: LogStore): Promise<Round['ours']> {
  const start = performance.now();
  let firstMs: number | undefined;
  const query = { services: [], text: PATTERN, regex: true, caseSensitive: true };
  const { count }: SearchProgress = await searchLogs(store, query, {
    onHits: () => (firstMs ??= performance.now() - start),
  });
  const allMs = performance.now() - start;
  return { firstMs: firstMs ?? allMs, allMs, count };
}

async function ripgrep(file: string): Promise<Round['theirs']> {
  const start = performance.now();
  const child = spawn('rg', ['--count', PATTERN, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return { allMs: performance.now() - start, count: Number(text.trim()) };
}

function requireRipgrep(): void {
  try {
    execFileSync('rg', ['--version'], { stdio: 'ignore' });
  } catch (thrown) {
    throw new Error('The other side of this figure is ripgrep (rg); it is not installed here.', {
      cause: thrown,
    });
  }
}
