import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { openTestEngine } from '#support/realEngine.ts';
import { needImages } from '#support/world.ts';
import { SwitchHarness } from './switchHarness.ts';

const COMPOSE = `
services:
  queue:
    image: rabbitmq:3.10
    environment: { RABBITMQ_DEFAULT_USER: shop, RABBITMQ_DEFAULT_PASS: secret }
    volumes: [queuedata:/var/lib/rabbitmq]
volumes: { queuedata: {} }
`;

/** Five starts of a broker, each of which takes long on a busy machine. */
const LIMIT_MS = 300_000;

const DEFINITIONS = {
  vhosts: [{ name: '/' }, { name: 'orders' }],
  permissions: [{ user: 'shop', vhost: 'orders', configure: '.*', write: '.*', read: '^in' }],
  policies: [
    {
      vhost: 'orders',
      name: 'short',
      pattern: '^in',
      'apply-to': 'queues',
      definition: { 'max-length': 1000 },
      priority: 1,
    },
  ],
  queues: [
    {
      vhost: 'orders',
      name: 'in',
      durable: true,
      auto_delete: false,
      arguments: { 'x-queue-type': 'classic' },
    },
    {
      vhost: 'orders',
      name: 'kept',
      durable: true,
      auto_delete: false,
      arguments: { 'x-queue-type': 'quorum' },
    },
  ],
  exchanges: [
    {
      vhost: 'orders',
      name: 'paid',
      type: 'topic',
      durable: true,
      auto_delete: false,
      internal: false,
      arguments: {},
    },
  ],
  bindings: [
    {
      source: 'paid',
      vhost: 'orders',
      destination: 'in',
      destination_type: 'queue',
      routing_key: 'eu.#',
      arguments: {},
    },
  ],
};

/** By the server's own listings, not by the export that the switch itself compares. */
async function listing(stack: SwitchHarness): Promise<string> {
  const ask = (...words: string[]) => stack.exec(['rabbitmqctl', '-q', ...words]);
  const parts = [
    await ask('list_vhosts', 'name'),
    await ask('list_users'),
    await ask('list_permissions', '-p', 'orders'),
    await ask('list_queues', '-p', 'orders', 'name', 'type', 'durable'),
    await ask('list_exchanges', '-p', 'orders', 'name', 'type'),
    await ask('list_bindings', '-p', 'orders', 'source_name', 'destination_name', 'routing_key'),
    await ask('list_policies', '-p', 'orders'),
    await ask('authenticate_user', 'shop', 'secret'),
  ];
  return parts.map((part) => part.trim().split('\n').sort().join('\n')).join('\n\n');
}

describe('a switch of RabbitMQ', () => {
  let engine: Engine;
  let stack: SwitchHarness;

  beforeAll(async () => {
    await needImages('rabbitmq:3.10', 'rabbitmq:4.0');
    engine = await openTestEngine();
    stack = await SwitchHarness.create(engine, 'queue', COMPOSE);
    await stack.boot();
    const file = '/tmp/definitions.json';
    await stack.exec(
      ['sh', '-c', `cat > ${file} && rabbitmqctl -q import_definitions ${file}`],
      JSON.stringify(DEFINITIONS),
    );
  });
  afterAll(async () => {
    await stack?.remove();
    await engine?.close();
  });

  it(
    'carries every definition from 3.10 to 4.0 and returns to what was left',
    async () => {
      const before = await listing(stack);
      await stack.switchTo('4.0');
      expect(await stack.exec(['rabbitmqctl', '-q', 'version'])).toMatch(/^4\.0/);
      expect(await listing(stack)).toBe(before);
      await stack.switchTo('3.10');
      expect(await stack.exec(['rabbitmqctl', '-q', 'version'])).toMatch(/^3\.10/);
      expect(await listing(stack)).toBe(before);
    },
    LIMIT_MS,
  );
});
