import { expect, test } from 'vitest';
import { AppFailure } from '#contract/errors.ts';
import { FixtureConnection } from '#support/fixtureConnection.ts';
import { closed } from './handshake.ts';
import { throughLoss } from './throughLoss.ts';

const lost = { type: 'lost', since: 0, retryAt: 0 } as const;

/** A request that fails while the connection is away, as those of a client do. */
function asking(connection: FixtureConnection) {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    if (connection.status.type !== 'connected') throw closed();
    return 'answer';
  };
  return { ask, asked: () => asked };
}

test('waits for a connection that is lost, and asks once', async () => {
  const connection = new FixtureConnection(undefined);
  connection.status = lost;
  const { ask, asked } = asking(connection);
  const answer = throughLoss(connection, ask);
  connection.status = { ...lost, retryAt: 1 };
  await Promise.resolve();
  expect(asked()).toBe(0);
  connection.status = { type: 'connected' };
  expect(await answer).toBe('answer');
  expect(asked()).toBe(1);
});

test('asks again what the loss has ended, once the connection is there again', async () => {
  const connection = new FixtureConnection(undefined);
  let asked = 0;
  const answer = throughLoss(connection, async () => {
    asked += 1;
    if (asked === 1) throw closed();
    return 'answer';
  });
  await new Promise(setImmediate);
  expect(asked, 'not while the connection is said to stand that has just failed').toBe(1);
  connection.status = lost;
  connection.status = { type: 'connected' };
  expect(await answer).toBe('answer');
  expect(asked).toBe(2);
});

test('fails in the end, with the loss; and at once with what the request itself says', async () => {
  const connection = new FixtureConnection(undefined);
  connection.status = lost;
  const { ask, asked } = asking(connection);
  const closes = { error: { kind: 'protocol.closed' } };
  await expect(throughLoss(connection, ask, { limitMs: 10 })).rejects.toMatchObject(closes);
  expect(asked()).toBe(1);
  const waiting = throughLoss(connection, ask);
  connection.status = { type: 'closed' };
  await expect(waiting).rejects.toMatchObject(closes);
  connection.status = { type: 'connected' };
  const invalid = new AppFailure({ kind: 'input.invalid', message: 'no folder' });
  await expect(throughLoss(connection, () => Promise.reject(invalid))).rejects.toBe(invalid);
  const silent = throughLoss(connection, () => Promise.reject(closed()), { limitMs: 10 });
  await expect(silent).rejects.toMatchObject(closes);
});
