import { type } from '@orpc/contract';
import { procedure, servicesInput } from './procedure.ts';

export const watch = {
  /** Watches these services, or all that have rules (`develop.watch`); what was missed is caught up before it answers. */
  start: procedure.input(servicesInput).output(type<{ services: readonly string[] }>()),
  /** Without names: all of them. */
  stop: procedure.input(servicesInput).output(type<void>()),
};
