import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { connectEngine } from '#engine/dockerode/connectEngine.ts';
import { buildParts, DESKTOP_PARTS } from '../../scripts/build.ts';
import { ensureHub } from '../hub/hub.ts';
import { healthFigures, levelFigures, nothingFigures } from './boot.ts';
import { carryFigures, checkpointFigures } from './carry.ts';
import { branchFigures, editFigures } from './edit.ts';
import { fileFigures } from './files.ts';
import { idleFigures } from './idle.ts';
import { floodFigures } from './logs/flood.ts';
import { runLogBench } from './logs/ingest.ts';
import { searchFigures } from './logs/search.ts';
import { recordMeasurement } from './measurements.ts';
import { pullFigures } from './pull.ts';
import { rendererFigures } from './renderer.ts';
import { type Figure, formatFigures } from './report.ts';

/** `npm run bench -- [--only a,b] [--rounds N] [--services N] [--lines N] [--files N] [--megabytes N] [--seconds N] [--trace FILE] [--no-record]`; without a word: everything in full. */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    services: { type: 'string', default: '200' },
    megabytes: { type: 'string', default: '1024' },
    files: { type: 'string', default: '10000' },
    lines: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '60' },
    trace: { type: 'string' },
    'no-record': { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  health: () => healthFigures(rounds),
  levels: () => levelFigures({ services: 20, rounds, bare: 'too' }),
  files: () => fileFigures({ services: 500, rounds: 2 * rounds }),
  nothing: () => nothingFigures({ services: 50, rounds: 10 }),
  many: () => levelFigures({ services: Number(values.services), rounds: Math.ceil(rounds / 3), bare: 'no' }),
  renderer: () => rendererFigures({ services: Number(values.services) }),
  idle: () => idleFigures({ services: 50, seconds: 60, trace: values.trace }),
  edit: () => editFigures(rounds),
  branch: () => branchFigures({ files: Number(values.files), rounds }),
  carry: () => carryFigures({ megabytes: Number(values.megabytes), rounds }),
  checkpoint: () => checkpointFigures({ megabytes: Number(values.megabytes), rounds }),
  pull: () => pullFigures(rounds),
  logs: () => logFigures(Number(values.lines)),
  search: () => searchFigures(5 * Number(values.lines)),
  flood: () => floodFigures({ target: 'web', seconds: Number(values.seconds), trace: values.trace }),
  'flood-electron': () =>
    floodFigures({ target: 'electron', seconds: Number(values.seconds), trace: values.trace }),
};

const TITLES: Readonly<Record<string, string>> = {
  health: 'Boot with healthchecks',
  levels: 'Boot and down without healthchecks',
  files: 'Compose files of 500 services',
  nothing: 'Boot with nothing to do',
  many: 'Boot and down of many services',
  renderer: 'The window while many services boot',
  idle: 'At rest',
  edit: 'Edit one file',
  branch: 'Switch a branch while watched',
  carry: 'Version switch of Postgres',
  checkpoint: 'Checkpoint of a volume',
  pull: 'Pulls and preflight',
  logs: 'Logs into the store',
  search: 'Search over stored logs',
  flood: 'A flood of logs, in Chromium',
  'flood-electron': 'A flood of logs, in Electron',
};

/** How to make this one section again. */
function commandOf(name: string): string {
  const flags = process.argv
    .slice(2)
    .filter((word, index, all) => word !== '--only' && all[index - 1] !== '--only');
  return ['npm run bench --', '--only', name, ...flags].join(' ');
}

async function logFigures(lines: number): Promise<Figure[]> {
  const found = await runLogBench({ lines });
  const against = (peer: string, peerSeconds: number, value: number, target: number): Figure => ({
    name: `${lines} log lines into the store`,
    ours: seconds(found.storeSeconds),
    other: `${peer}: ${seconds(peerSeconds)}`,
    value,
    unit: '',
    target,
  });
  return [
    against('raw read', found.rawSeconds, found.storeToRaw, 1.15),
    against('docker logs', found.dockerLogsSeconds, found.storeToDockerLogs, 1),
    against('docker logs --timestamps', found.sameWorkSeconds, found.storeToSameWork, 1),
  ];
}

function hasDockerCompose(): boolean {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What is measured is a boot with everything there, not the network. */
async function haveImages(images: readonly string[]): Promise<void> {
  await ensureHub({ only: images });
  const engine = await connectEngine();
  for (const reference of images) {
    if ((await engine.inspectImage(reference)) === undefined) await engine.pullImage({ reference });
  }
  await engine.close();
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

const names = values.only?.split(',') ?? Object.keys(BENCHES);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
if (!hasDockerCompose()) {
  console.error('The other side of these figures is docker compose; it is not installed here.');
  process.exit(1);
}
await buildParts(names.includes('flood-electron') ? DESKTOP_PARTS : ['renderer']);
await haveImages(['busybox:1', 'postgres:15', 'postgres:17', 'redis:7.0', 'nginx:1.26']);
for (const name of names) {
  console.error(`${name} …`);
  const body = formatFigures((await BENCHES[name]?.()) ?? []);
  console.log(body);
  if (!values['no-record'])
    await recordMeasurement({ title: TITLES[name] ?? name, command: commandOf(name), body });
}
process.exit(0);
