import { expect, test, vi } from 'vitest';
import { FixtureConnection } from '#support/fixtureConnection.ts';
import { askAgain } from './askAgain.ts';

const LOST = { type: 'lost', since: 0, retryAt: 0 } as const;

/** Asks over a connection; the first `failing` answers are failures. */
function world(failing: number) {
  const connection = new FixtureConnection([]);
  const told: string[] = [];
  let asked = 0;
  const asking = askAgain({
    connection,
    ask: async () => {
      asked += 1;
      if (asked <= failing) throw new Error('away');
      return `answer ${asked}`;
    },
    onValue: (value) => told.push(value),
    onFailure: () => told.push('failure'),
  });
  const reconnect = () => {
    connection.status = LOST;
    connection.status = { type: 'connected' };
  };
  return { told, reconnect, asking, asked: () => asked };
}

test('what failed is asked again when the connection is back', async () => {
  const { told, reconnect } = world(1);
  await vi.waitFor(() => expect(told).toEqual(['failure']));
  reconnect();
  await vi.waitFor(() => expect(told).toEqual(['failure', 'answer 2']));
});

test('what was answered is not asked again, nor what nobody wants any more', async () => {
  const answered = world(0);
  await vi.waitFor(() => expect(answered.told).toEqual(['answer 1']));
  answered.reconnect();
  expect(answered.asked()).toBe(1);
  const left = world(1);
  await vi.waitFor(() => expect(left.told).toEqual(['failure']));
  void left.asking.dispose();
  left.reconnect();
  expect(left.asked()).toBe(1);
});
