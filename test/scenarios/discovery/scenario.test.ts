import { get } from 'node:http';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { eventually } from '../../support/eventually.ts';
import { needImages } from '../../support/world.ts';

beforeAll(() => needImages('python:3.11', 'consul:1.8', 'nginx:1.26'), 600_000);
const open = coreStacks();
const LIMIT = { limitMs: 60_000 };

const ask = (stack: CoreStack, what: string) =>
  fetch(`http://127.0.0.1:${stack.service('router').ports[0]?.published}${what}`);

/** `fetch` names the host itself. */
function askHost(stack: CoreStack, host: string): Promise<string> {
  const port = stack.service('router').ports[0]?.published;
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port, headers: { host } }, (answer) => {
      let body = '';
      answer.on('data', (chunk) => (body += String(chunk)));
      answer.once('end', () => resolve(body));
    });
    asked.once('error', reject);
  });
}

/** The replicas that answer now. */
async function answering(stack: CoreStack): Promise<number> {
  const said = new Set<string>();
  for (let at = 0; at < 12; at += 1) {
    const answer = await ask(stack, '/rates/');
    if (answer.ok) said.add(await answer.text());
  }
  return said.size;
}

test('services must be routed to as they come, go and are killed for their memory', {
  timeout: 300_000,
}, async () => {
  const stack = await open(path.resolve('examples/discovery'), { ROUTER_PORT: '0', CONSUL_PORT: '0' });
  expect(await stack.boot()).toEqual({ type: 'done' });
  await eventually(async () => (await answering(stack)) === 2, LIMIT);
  const quote = async () => await (await ask(stack, '/quotes/')).text();
  await eventually(async () => (await quote()).includes('Ask the registry.'), LIMIT);
  expect((await ask(stack, '/nothing')).status).toBe(404);
  expect(await askHost(stack, 'quotes.localhost')).toContain('Ask the registry.');

  const scale = (replicas: number) =>
    stack.ended(stack.client.stack.scale({ workspace: stack.workspace, service: 'rates', replicas }));
  expect(await scale(3)).toEqual({ type: 'done' });
  await eventually(async () => (await answering(stack)) === 3, LIMIT);
  expect(await scale(2)).toEqual({ type: 'done' });
  await eventually(async () => (await answering(stack)) === 2, LIMIT);

  const before = await stack.containers();
  expect((await ask(stack, '/rates/hold?mb=200')).ok).toBe(false);
  await eventually(async () => (await stack.containers())['rates-1']?.[1] !== before['rates-1']?.[1], LIMIT);
  expect((await ask(stack, '/quotes/')).ok).toBe(true);
  await eventually(async () => (await answering(stack)) === 2, LIMIT);
  // The window says it: a limit of 64 MiB, and who ran out of it.
  expect(stack.service('rates').memory).toMatchObject({ limitBytes: 64 * 1024 ** 2 });
  expect(stack.service('rates').memory?.oomKills).toBeGreaterThan(0);
  await stack.downWithoutTrace();
});
