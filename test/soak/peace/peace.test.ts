import { test } from 'vitest';
import { expectPeace, PEACE_STACKS } from '../../support/peaceStacks.ts';

/** One alone: `npm run soak -- test/soak/peace -t "networks must"`. */
test.each(PEACE_STACKS)('%s must be one stack, whoever boots it', (name) => expectPeace(name));
