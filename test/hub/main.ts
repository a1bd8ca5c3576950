import { parseArgs } from 'node:util';
import { checkImages } from './check.ts';
import { ensureHub, type HubInfo, stopHub } from './hub.ts';

const HELP = `Starts a stand-in for Docker Hub on this machine, and an engine that pulls from it.

  npm run hub -- [--only NAME[,NAME…]] [--force]
  npm run hub -- --check [--only …]
  npm run hub -- --stop

  --only   build these images alone: postgres:15, or postgres for all its versions
  --force  also when the real Docker Hub answers
  --check  pull each image by its plain name and run it for real
  --stop   end what this started; the images stay in the cache
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    force: { type: 'boolean' },
    check: { type: 'boolean' },
    stop: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});

try {
  process.exitCode = await run();
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
}

async function run(): Promise<number> {
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  if (values.stop === true) {
    const { engine } = await stopHub();
    console.log(engine === 'stopped' ? 'Stopped the registries and the engine.' : 'Stopped the registries.');
    return 0;
  }
  const only = values.only?.split(',').filter((name) => name !== '');
  const hub = await ensureHub({
    ...(only === undefined ? {} : { only }),
    standIn: values.force === true ? 'always' : 'when needed',
    log: (line) => console.log(line),
  });
  if (hub.source === 'docker-hub') {
    console.log(
      'Docker Hub answers, so nothing has to stand in for it (--force starts the stand-in all the same).',
    );
    return 0;
  }
  print(hub);
  return values.check === true ? await check(hub) : 0;
}

async function check(hub: HubInfo): Promise<number> {
  const { passed, failures } = await checkImages(hub, (line) => console.log(line));
  if (failures.length > 0) console.error(`\n${failures.join('\n\n')}\n`);
  console.log(`${passed} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}

function print(hub: HubInfo): void {
  console.log(`\nEngine ${hub.engine.version} at ${hub.engine.host} pulls from ${hub.registry}:`);
  for (const { references } of hub.served) {
    const names = references.map(({ repository, tag }) => `${repository.replace(/^library\//, '')}:${tag}`);
    console.log(`  ${names.join(' ')}`);
  }
  const { host, username, password } = hub.privateRegistry;
  console.log(`With a login (${username} / ${password}): ${host}`);
}
