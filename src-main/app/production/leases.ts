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
  /** `begun` and `ending` are work that was cut off when the process that did it is gone. */
  readonly phase: 'begun' | 'settled' | 'ending';
  readonly pid: number;
  /** Tells that process from a later one of its number; absent in what an earlier Slipway wrote. */
  readonly began?: string | undefined;
  /** What the override said of the image before. */
  readonly imageBefore?: string | undefined;
  /** The attributes that the swap decides, to be taken away again. */
  readonly attributes: readonly string[];
  /** Variables of the local files that the swap gives other values, to be let through again. */
  readonly environment?: readonly string[] | undefined;
  /** Relative to the project. */
  readonly valuesFile?: string | undefined;
  /** What the override said of the service before, in a file of its own. */
  readonly beforeFile?: string | undefined;
  readonly debug?:
    | {
        readonly startByHand?: string | undefined;
        readonly title?: string | undefined;
        readonly hostPort?: number | undefined;
      }
    | undefined;
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
  began: z.string().optional(),
  imageBefore: z.string().optional(),
  attributes: z.array(z.string()),
  environment: z.array(z.string()).optional(),
  valuesFile: z.string().optional(),
  beforeFile: z.string().optional(),
  debug: z
    .object({
      startByHand: z.string().optional(),
      title: z.string().optional(),
      hostPort: z.number().optional(),
    })
    .optional(),
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
