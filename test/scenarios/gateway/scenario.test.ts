import { request } from 'node:http';
import { beforeAll, expect, test } from 'vitest';
import type { GatewayRecord } from '#contract/model.ts';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { eventually } from '../../support/eventually.ts';
import { needImages } from '../../support/world.ts';

beforeAll(() => needImages('node:20', 'redis:7.0'), 300_000);
const open = coreStacks();

/** Askers at once; each asks again as soon as it was answered. */
const ASKERS = 4;

async function opened(): Promise<{ stack: CoreStack; port: number }> {
  const stack = await open(import.meta.dirname);
  await stack.client.app.setGateway({ on: true, port: 0 });
  const status = stack.record<GatewayRecord>('gateway')?.status;
  if (status?.type !== 'listening') throw new Error(`the gateway is ${status?.type}`);
  return { stack, port: status.port };
}

/** Asks all the time while `work` runs; every answer counts. */
async function underLoad(asked: () => Promise<string>, work: () => Promise<void>): Promise<string[]> {
  const answers = new Set<string>();
  let ended = false;
  const asker = async () => {
    while (!ended) answers.add(await asked());
  };
  const askers = Array.from({ length: ASKERS }, asker);
  try {
    await work();
  } finally {
    ended = true;
    await Promise.all(askers);
  }
  return [...answers].sort();
}

function ask(port: number, host: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', agent: false, headers: { host: `${host}.localhost` } });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.once('error', reject);
    });
    asked.end();
  });
}

test('services must answer under their names, and say in words why they do not', {
  timeout: 180_000,
}, async () => {
  const { stack, port } = await opened();
  const { name } = stack;
  const seen = await underLoad(
    async () => (await ask(port, `web.${name}`)).body.split('\n')[0] ?? '',
    async () => void (await stack.boot()),
  );
  expect(seen).toContain('web is on its way');
  await eventually(async () => (await ask(port, `web.${name}`)).status === 200);
  const answers = [];
  for (let time = 0; time < 4; time += 1) answers.push((await ask(port, `web.${name}`)).body);
  expect(new Set(answers).size).toBe(2);
  expect((await ask(port, name)).body).toMatch(/^one /);
  const down = await eventually(async () => {
    const said = await ask(port, `broken.${name}`);
    return said.status === 502 ? said.body : undefined;
  });
  expect(down).toContain(stack.service('broken').failure?.title);
  expect(down).toContain('no settings.json here');
  expect(await ask(port, `redis.${name}`)).toMatchObject({ status: 404 });

  // Replaced one by one, without a failed request.
  await stack.edit('web/version.mjs', () => "export const version = 'two';\n");
  const during = await underLoad(
    async () => {
      const { status, body } = await ask(port, `web.${name}`);
      return status === 200 ? (body.split(' ')[0] ?? '') : `${status} ${body}`;
    },
    async () => expect(await stack.replace('web')).toEqual({ type: 'done' }),
  );
  expect(during).toEqual(['one', 'two']);
  await stack.client.app.setGateway({ on: false });
  await expect(ask(port, `web.${name}`)).rejects.toThrow('ECONNREFUSED');
});
