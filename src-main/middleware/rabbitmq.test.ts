import { expect, it } from 'vitest';
import type { Server } from './profile.ts';
import { rabbitmq } from './rabbitmq.ts';

const encode = (text: string) => new TextEncoder().encode(text);

/** A broker that exports these definitions. */
function broker(definitions: unknown): Server {
  const exec: Server['exec'] = async ([program]) => ({
    exitCode: 0,
    stdout: encode(program === 'cat' ? JSON.stringify(definitions) : ''),
    stderr: encode(''),
    truncated: false,
  });
  return {
    product: 'rabbitmq',
    version: { numbers: [4, 0], variant: '', tag: '4.0' },
    exec,
  } as unknown as Server;
}

function linesOf(queue: object): Promise<readonly string[] | undefined> {
  const server = broker({ queues: [{ name: 'in', vhost: 'orders', durable: true, ...queue }] });
  return Promise.resolve(rabbitmq.data?.carry?.fingerprint(server, {}));
}

it('takes a queue for the same whether its version writes the usual type down or not', async () => {
  const written = await linesOf({ type: 'classic', arguments: { 'x-queue-type': 'classic' } });
  expect(await linesOf({ type: 'classic', arguments: {} })).toEqual(written);
});

it('tells a classic queue from a quorum queue', async () => {
  const classic = await linesOf({ type: 'classic', arguments: { 'x-queue-type': 'classic' } });
  const quorum = await linesOf({ type: 'quorum', arguments: { 'x-queue-type': 'quorum' } });
  expect(quorum).not.toEqual(classic);
});

it('tells a queue from one with another limit', async () => {
  const short = await linesOf({ type: 'classic', arguments: { 'x-max-length': 10 } });
  expect(await linesOf({ type: 'classic', arguments: {} })).not.toEqual(short);
});
