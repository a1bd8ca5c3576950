import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import { procedure, serviceInput, text, workspaceInput } from './procedure.ts';

/** One sample per service: CPU as a share of one core, memory in bytes. */
export interface StatsSample {
  readonly service: string;
  readonly at: number;
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
}

export const service = {
  /** Live figures of the named services only; ask again with other names when other rows come on screen. */
  stats: procedure
    .input(workspaceInput.extend({ services: z.array(text).max(200) }))
    .output(eventIterator(type<readonly StatsSample[]>())),
  /** The engine's inspect answer, values of secret-looking variables masked. */
  inspect: procedure
    .input(serviceInput.extend({ replica: z.number().int().optional() }))
    .output(type<{ json: string }>()),
  /** The service's part of the resolved compose file and where it stands. */
  definition: procedure
    .input(serviceInput)
    .output(type<{ yaml: string; at?: { file: string; line: number } }>()),
  top: procedure
    .input(serviceInput)
    .output(type<{ titles: readonly string[]; rows: readonly (readonly string[])[] }>()),
};
