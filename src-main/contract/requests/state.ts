import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { StateFrame } from '../frames.ts';
import { procedure, text } from './procedure.ts';

export const state = {
  /** The state feed: a snapshot (or patches since `since`), then patches for as long as the reader listens. */
  watch: procedure
    .input(
      z.object({
        protocol: z.number().int(),
        since: z.object({ epoch: text, revision: z.number().int() }).optional(),
      }),
    )
    .output(eventIterator(type<StateFrame>())),
};

/** Raised when frames, streams or requests change so that an old reader would misread them. */
export const PROTOCOL_VERSION = 1;
