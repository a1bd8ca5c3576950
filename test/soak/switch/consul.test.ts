import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { openTestEngine } from '#support/realEngine.ts';
import { needImages } from '#support/world.ts';
import { SwitchHarness } from '../../engine/middleware/switchHarness.ts';

/** The same server under the name of a later version: the hub has one line only, and the way of the data is what is tried. */
const LATER = 'consul:1.9.999';

const COMPOSE = `
services:
  registry:
    image: consul:1.8
    command: agent -server -bootstrap-expect=1 -client=0.0.0.0
    volumes: [kv:/consul/data]
volumes: { kv: {} }
`;

const IN_MEMORY = `
services:
  registry:
    image: consul:1.8
    volumes: [kv:/consul/data]
volumes: { kv: {} }
`;

const FILL = `until consul kv put ready 1; do :; done >/dev/null 2>&1
consul kv put shop/name 'Bäckerei "am Eck"'
consul kv put -flags=42 shop/flag 1
consul kv put shop/empty ''
consul kv put -base64 shop/binary AAECAwT/
consul kv put shop/lines "$(printf 'one\\ntwo\\n')"
for number in $(seq 50); do consul kv put deep/$number/key value-$number; done`;

/** By the server's own listing, key by key, not by the export that the switch itself compares. */
const LIST = `consul kv get -keys -separator= '' | while read -r key; do consul kv get -detailed -base64 "$key" | grep -v Index; done`;

describe('a switch of Consul', () => {
  let engine: Engine;
  const stacks: SwitchHarness[] = [];

  beforeAll(async () => {
    await needImages('consul:1.8');
    engine = await openTestEngine();
    await engine.tagImage('consul:1.8', LATER);
  });
  afterAll(async () => {
    for (const stack of stacks) await stack.remove();
    await engine?.removeImage(LATER);
    await engine?.close();
  });

  async function booted(compose: string): Promise<SwitchHarness> {
    const stack = await SwitchHarness.create(engine, 'registry', compose);
    stacks.push(stack);
    await stack.boot();
    await stack.exec(['sh', '-c', FILL]);
    return stack;
  }

  it('carries every key, its flags and its bytes, and returns to what was left', async () => {
    const stack = await booted(COMPOSE);
    const list = () =>
      stack.exec(['sh', '-c', `until consul kv get ready >/dev/null 2>&1; do :; done; ${LIST}`]);
    const before = await list();
    expect(before).toContain('deep/50/key');
    await stack.switchTo('1.9.999');
    expect((await stack.container())?.image).toBe(LATER);
    expect(await list()).toBe(before);
    await stack.exec(['consul', 'kv', 'put', 'later', 'only here']);
    await stack.switchTo('1.8');
    expect(await list()).toBe(before);
  });

  it('is refused where the keys are in memory only, and they are still there', async () => {
    const stack = await booted(IN_MEMORY);
    const before = await stack.container();
    await expect(stack.switchTo('1.9.999')).rejects.toThrow(/memory only/);
    expect((await stack.container())?.id).toBe(before?.id);
    expect(await stack.exec(['consul', 'kv', 'get', 'deep/50/key'])).toBe('value-50\n');
  });
});
