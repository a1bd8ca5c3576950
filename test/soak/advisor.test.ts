import { test } from 'vitest';
import { proveChange, withStandIn } from '../engine/images/advisorCases.ts';
import { SLOW } from '../support/dockerfiles.ts';

withStandIn();

test.for(SLOW)(
  '%s: with the advised change the second build must keep the dependencies',
  { timeout: 300_000 },
  (own) => proveChange(own),
);
