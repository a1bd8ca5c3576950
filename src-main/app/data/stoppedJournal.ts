import { z } from 'zod';

const journal = z.object({
  version: z.literal(1),
  owner: z.object({ pid: z.number().int(), began: z.string() }),
  containers: z.array(z.string().max(128)).max(10_000),
});

/**
 * Containers that are stopped for as long as their volumes are copied, and who does it. Whoever finds this after its owner was
 * killed starts them again.
 */
export type StoppedJournal = Readonly<z.infer<typeof journal>>;

/** Undefined for words that were cut off: nothing had been stopped then. */
export function parseStoppedJournal(text: string): StoppedJournal | undefined {
  try {
    return journal.safeParse(JSON.parse(text)).data;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}
