import { z } from 'zod';

/** One service that runs another image than its own for a while. Stands in `.slipway/swaps.json`; holds no value of a variable. */
export interface SwapLease {
  readonly service: string;
  /** By digest. */
  readonly image: string;
  /** As production writes it. */
  readonly shownImage: string;
  readonly since: number;
  /** Absent: until it is taken back. */
  readonly until?: number | undefined;
  readonly endOnQuit: boolean;
  /** `begun` and `ending` are work that was cut off when no process of that number lives. */
  readonly phase: 'begun' | 'settled' | 'ending';
  readonly pid: number;
  /** What the override said of the image before. */
  readonly imageBefore?: string | undefined;
  /** The attributes that the swap decides, to be taken away again. */
  readonly attributes: readonly string[];
  /** Relative to the project. */
  readonly valuesFile?: string | undefined;
}

const LEASE = z.object({
  service: z.string(),
  image: z.string(),
  shownImage: z.string(),
  since: z.number(),
  until: z.number().optional(),
  endOnQuit: z.boolean(),
  phase: z.enum(['begun', 'settled', 'ending']),
  pid: z.number(),
  imageBefore: z.string().optional(),
  attributes: z.array(z.string()),
  valuesFile: z.string().optional(),
});
const FILE = z.object({ version: z.literal(1), swaps: z.array(LEASE) });

/** Of a file that is not ours or of a later version: none, so that nothing is undone that we do not understand. */
export function parseLeases(text: string | undefined): readonly SwapLease[] {
  if (text === undefined) return [];
  try {
    return FILE.parse(JSON.parse(text)).swaps;
  } catch {
    return [];
  }
}

export function formatLeases(leases: readonly SwapLease[]): string | undefined {
  if (leases.length === 0) return undefined;
  const swaps = leases.toSorted((a, b) => (a.service < b.service ? -1 : 1));
  return `${JSON.stringify({ version: 1, swaps }, undefined, 2)}\n`;
}

export function putLease(leases: readonly SwapLease[], lease: SwapLease): readonly SwapLease[] {
  return [...leases.filter(({ service }) => service !== lease.service), lease];
}
