import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { filesUnder } from '../../support/filesUnder.ts';
import { needImages } from '../../support/world.ts';
import { Releases } from './releases.ts';
import { ACCOUNT } from './testRegistry.ts';

/** One of each: what a login is made of, what the files set, what production sets, what somebody gives for a swap. */
const PLANTED = {
  password: ACCOUNT.password,
  basic: Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64'),
  local: 'planted-local-value-7',
  production: 'planted-production-value',
  given: 'planted-given-value-9',
} as const;
const MAIN = path.resolve(import.meta.dirname, '../../../src-main/cli/main.ts');

let releases: Releases;
const open = coreStacks();

beforeAll(async () => {
  await needImages('busybox:1');
  releases = await Releases.publish(['2']);
});
afterAll(() => releases.dispose());

it('no credential and no value is in any state, file, pack or process', async () => {
  const stack = await open(releases.source);
  const { client, workspace } = stack;
  await plant(stack);
  releases.registry.login = 'token';
  try {
    expect(await stack.boot()).toEqual({ type: 'done' });
    const answers: unknown[] = [
      await client.production.drift({ workspace }),
      await client.production.preflight({ workspace }),
      await client.production.swapPlan({ workspace, service: 'api' }),
    ];
    expect(await swapInATerminal(stack)).toEqual([]);
    await client.project.reload({ workspace });
    answers.push(await client.production.drift({ workspace }), stack.service('api'));
    answers.push(await client.production.compare({ workspace, left: 'api', right: 'busybox:1' }));
    const file = stack.file('../secrets.slipway-pack');
    answers.push(await client.share.packPlan({ workspace }));
    expect(await stack.ended(client.share.pack({ workspace, file, images: false }))).toEqual({
      type: 'done',
    });

    expect(found(JSON.stringify(answers)), 'answers to the window').toEqual([]);
    expect(found(JSON.stringify(records(stack))), 'the state').toEqual([]);
    expect(found(gunzipSync(await readFile(file)).toString('latin1')), 'the pack').toEqual([]);
    // The service prints its key itself: that a container's own words are collected is not ours to hide; a pack masks them.
    const ours = (await holders(path.dirname(stack.file('.')))).filter((file) => !file.startsWith('s/logs/'));
    expect(ours).toEqual([
      // Where docker keeps logins, where the user wrote a value, and where a swap said that it keeps what it was given.
      '.docker/config.json: basic',
      'prod/.env: local',
      'prod/.slipway/swap-api.env: given',
      'prod/deploy/k8s.yaml: production',
    ]);
  } finally {
    releases.registry.login = 'open';
  }
});

async function plant(stack: CoreStack): Promise<void> {
  const home = stack.file('..');
  await mkdir(path.join(home, '.docker'), { recursive: true });
  const auths = { [releases.registry.host]: { auth: PLANTED.basic } };
  await writeFile(path.join(home, '.docker/config.json'), JSON.stringify({ auths }));
  await writeFile(stack.file('.env'), `LOCAL_TOKEN=${PLANTED.local}\n`);
  await stack.edit('compose.yaml', (text) =>
    text.replace('GREETING: hello', `GREETING: hello\n      LOCAL_TOKEN: \${LOCAL_TOKEN}`),
  );
  await stack.client.project.reload({ workspace: stack.workspace });
}

/** As a user types it: the value comes from the shell. What stands in the list of processes meanwhile. */
async function swapInATerminal(stack: CoreStack): Promise<readonly string[]> {
  const home = stack.file('..');
  const environment = {
    DOCKER_HOST: inject('engineHost'),
    HOME: home,
    XDG_DATA_HOME: home,
    PAYMENT_KEY: PLANTED.given,
  };
  const words = [MAIN, '-p', stack.name, 'swap', 'api', '-e', 'PAYMENT_KEY'];
  const child = spawn(process.execPath, words, {
    cwd: stack.file('.'),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const seen = new Set<string>();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
    void commandLines().then((text) => {
      for (const name of found(text)) seen.add(name);
    });
  });
  const [status] = await once(child, 'close');
  expect(status, errors).toBe(0);
  return [...seen, ...found(errors)];
}

/** Everything that `ps` shows to everybody; nothing where there is no /proc. */
async function commandLines(): Promise<string> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.join('\n');
}

function records(stack: CoreStack): readonly unknown[] {
  const { workspace } = stack;
  const keys = [
    'engine',
    'settings',
    `workspace:${workspace}`,
    `service:${workspace}/api`,
    `service:${workspace}/cache`,
  ];
  return keys.map((key) => stack.record(key));
}

function found(text: string): readonly string[] {
  return Object.entries(PLANTED).flatMap(([name, value]) => (text.includes(value) ? [name] : []));
}

async function holders(root: string): Promise<readonly string[]> {
  const files = await filesUnder(root);
  return files
    .flatMap(({ file, content }) => {
      const names = found(content);
      return names.length === 0 ? [] : [`${path.relative(root, file)}: ${names.join(', ')}`];
    })
    .sort();
}
