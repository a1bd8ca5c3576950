import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { eventually } from '../../support/eventually.ts';
import { needImages } from '../../support/world.ts';

const IMAGES = ['golang:1.19', 'busybox:1', 'python:3.11', 'node:20', 'ruby:3.1', 'mariadb:10.11'];
beforeAll(() => needImages(...IMAGES), 600_000);
const open = coreStacks();

const NAMES = [
  'members',
  'events',
  'groups',
  'quotes',
  'jobs',
  'calendar',
  'newsletter',
  'lockers',
  'checkins',
  'badges',
];

/** The address of the gateway, on a port that is free. */
const address = (stack: CoreStack) => `http://127.0.0.1:${stack.service('gateway').ports[0]?.published}`;

/** Asks these services in turn while `work` runs; how often each answer that was no success came. */
async function failuresDuring(
  url: string,
  names: readonly string[],
  work: () => Promise<void>,
): Promise<string[]> {
  const failures: string[] = [];
  let ended = false;
  const asking = (async () => {
    for (let at = 0; !ended; at += 1) {
      const name = names[at % names.length] ?? '';
      const answer = await fetch(`${url}/api/${name}`).catch((thrown: unknown) => String(thrown));
      if (typeof answer === 'string' || !answer.ok) failures.push(name);
      else await answer.arrayBuffer();
    }
  })();
  await work().finally(() => (ended = true));
  await asking;
  return failures;
}

test('the campus must come up whole, change one service under load, and go without a trace', {
  timeout: 400_000,
}, async () => {
  const stack = await open(path.resolve('examples/campus'), { CAMPUS_PORT: '0' });
  expect(await stack.boot()).toEqual({ type: 'done' });
  const url = address(stack);
  for (const name of NAMES) expect((await fetch(`${url}/api/${name}`)).status, name).toBe(200);
  const added = await fetch(`${url}/api/members`, { method: 'POST', body: '{"name": "Barbara", "year": 2}' });
  expect(added.status).toBe(201);
  expect(await (await fetch(`${url}/api/members`)).text()).toContain('Barbara');
  expect(await (await fetch(url)).text()).toContain('office hours');

  const before = await stack.containers();
  await stack.edit('services/quotes/server.py', (text) =>
    text.replace('Read the error message.', 'Change one thing.'),
  );
  const others = NAMES.filter((name) => name !== 'quotes');
  const failures = await failuresDuring(url, others, async () => {
    expect(await stack.replace('quotes')).toEqual({ type: 'done' });
  });
  expect(failures).toEqual([]);
  const after = await stack.containers();
  expect({ ...after, 'quotes-1': undefined }).toEqual({ ...before, 'quotes-1': undefined });
  const said = await Promise.all([1, 2, 3].map(async () => (await fetch(`${url}/api/quotes`)).text()));
  expect(said.join('')).toContain('Change one thing.');

  // "It's never a good thing when a single command can nuke your entire database": it goes by name, and into the bin.
  await stack.downWithoutTrace();
  await expect(fetch(url)).rejects.toThrow();
  expect(await stack.boot()).toEqual({ type: 'done' });
  const members = async () => (await fetch(`${address(stack)}/api/members`)).text();
  expect(await members()).not.toContain('Barbara');
  const { bin } = await stack.client.data.view({ workspace: stack.workspace });
  const request = { workspace: stack.workspace, checkpoint: bin[0]?.id ?? '' };
  expect(await stack.ended(stack.client.data.restore(request))).toEqual({ type: 'done' });
  await eventually(async () => (await members()).includes('Barbara'), { limitMs: 60_000 });
  await stack.downWithoutTrace();
});

test('the slow Dockerfile must get its advice, and be a good one afterwards', async () => {
  const stack = await open(path.resolve('examples/campus'), { CAMPUS_PORT: '0' });
  await stack.edit('compose.yaml', (text) =>
    text.replace('  mariadb:\n', '  slow: { build: ./slow }\n\n  mariadb:\n'),
  );
  await stack.client.project.reload({ workspace: stack.workspace });
  const ask = { workspace: stack.workspace, service: 'slow' };
  const [advice, ...others] = await stack.client.builds.advise(ask);
  expect(others).toEqual([]);
  expect(advice?.change?.diff).toContain('+COPY requirements.txt ./');
  await stack.client.builds.applyAdvice({ ...ask, rule: advice?.rule ?? '' });
  expect(await stack.client.builds.advise(ask)).toEqual([]);
  const build = () =>
    stack.ended(stack.client.stack.build({ workspace: stack.workspace, services: ['slow'] }));
  expect(await build()).toEqual({ type: 'done' });
  await stack.edit('slow/server.py', (text) => `${text}# edited\n`);
  expect(await build()).toEqual({ type: 'done' });
  const [second] = await stack.client.builds.history(ask);
  expect(second?.steps.find(({ name }) => name.includes('RUN python3'))?.status).toBe('cached');
});
