import { type } from '@orpc/contract';
import { z } from 'zod';
import { procedure, serviceInput, servicesInput, text } from './procedure.ts';

/** Will what is about to start find room? All figures in bytes. */
export interface MemoryFit {
  readonly type: 'fits' | 'short';
  /** What the services that do not run yet will probably take. */
  readonly neededBytes: number;
  /** What the machine can still give; all it has where the engine is not on this machine. */
  readonly freeBytes: number;
  /** The largest first. */
  readonly services: readonly {
    readonly service: string;
    readonly bytes: number;
    /** What was seen of it before; what the file keeps for it; what the file lets it have. */
    readonly from: 'seen' | 'reservation' | 'limit';
  }[];
}

/** `live`: the containers have it now. `nextBoot`: it is in the override, and they get it when they are made anew. */
export type LimitApplied =
  | { readonly type: 'live' }
  | { readonly type: 'nextBoot'; readonly reason?: string | undefined };

export const memory = {
  /** Named services, or all that a boot would start. */
  fit: procedure.input(servicesInput).output(type<MemoryFit>()),
  /** Bytes, or as one writes it in a compose file (`512m`), or `none`; `file` goes back to what the compose files say. */
  setLimit: procedure
    .input(serviceInput.extend({ limit: z.union([z.number().int().positive(), text]) }))
    .output(type<LimitApplied>()),
};
