import { expect, it } from 'vitest';
import { reasonOf } from './tables.ts';

const PIPE = new Error('psql: ERROR:  could not write to COPY file: Broken pipe');
const FULL = new Error('psql: ERROR:  could not extend file "base/16384/16386": No space left on device');

it.each([
  ['the sender', [PIPE, FULL]],
  ['the receiver', [FULL, PIPE]],
])('names the cause of a table that could not be carried when %s is heard first', (_, failures) => {
  const reason = reasonOf('public.orders', failures);
  expect(reason).toMatchObject({
    error: {
      message: expect.stringMatching(
        /^Postgres: public.orders could not be carried: .*No space left on device$/,
      ),
      output: `${FULL.message}\n${PIPE.message}`,
    },
  });
});

it('leaves the word to who waits where both sides only tell of the other', () => {
  expect(reasonOf('public.orders', [PIPE, new Error('the session was closed')])).toBeUndefined();
});
