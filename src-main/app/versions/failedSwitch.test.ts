import { expect, it } from 'vitest';
import { AppFailure } from '#contract/errors.ts';
import type { VersionSwitch } from '#middleware/switch/decide.ts';
import { failedSwitch } from './failedSwitch.ts';

const DECISION = {
  service: 'db',
  fromImage: 'postgres:15-alpine',
  toImage: 'postgres:17-alpine',
  source: { type: 'volume', source: 'shop_pgdata', target: '/var/lib/postgresql/data' },
} as unknown as VersionSwitch;

it('tells what differed and where the data is', () => {
  const thrown = new AppFailure({
    kind: 'data.verifyFailed',
    service: 'db',
    differences: ['only before: shop: table public.orders 3 rows 17'],
    message: 'The carried data differs in 1 places.',
  });
  expect(failedSwitch(DECISION, thrown, 7)).toEqual({
    to: '17-alpine',
    at: 7,
    message: 'The carried data differs in 1 places.',
    hint: undefined,
    details: ['only before: shop: table public.orders 3 rows 17'],
    image: 'postgres:15-alpine',
    source: 'shop_pgdata',
  });
});

it('keeps what the programs printed, without empty lines', () => {
  const thrown = new AppFailure({
    kind: 'data.dumpFailed',
    service: 'db',
    output: 'ERROR:  no room\n\nCONTEXT:  COPY orders',
    message: 'Postgres: no room',
  });
  expect(failedSwitch(DECISION, thrown, 7).details).toEqual(['ERROR:  no room', 'CONTEXT:  COPY orders']);
});
