import { z } from 'zod';
import type { AppError } from './errors.ts';
import { streamRequest } from './streams.ts';

/** The first message of a reader on every pipe: which protocol it speaks, and what this pipe is for. */
export const hello = z.object({
  protocol: z.number().int(),
  open: z.discriminatedUnion('type', [
    z.object({ type: z.literal('requests') }),
    z.object({ type: z.literal('stream'), request: streamRequest }),
  ]),
});
export type Hello = z.infer<typeof hello>;
export type HelloInput = z.input<typeof hello>;

/** The core's first message: what follows is requests or the stream, or nothing. */
export type Welcome =
  | { readonly type: 'welcome'; readonly protocol: number }
  | { readonly type: 'refused'; readonly error: AppError };
