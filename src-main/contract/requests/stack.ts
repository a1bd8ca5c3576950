import { type } from '@orpc/contract';
import { z } from 'zod';
import type { RunId } from '../ids.ts';
import type { PlanView } from '../plan.ts';
import { procedure, serviceInput, servicesInput, text, workspaceInput } from './procedure.ts';

const consents = z.array(text).max(200).optional();
/** Seconds to wait for a container to stop, over the services' own. */
const graceSeconds = z.number().int().min(0).max(86_400).optional();
const started = type<{ run: RunId }>();

export const stack = {
  /** What a boot would do, without doing it. */
  plan: procedure
    .input(
      servicesInput.extend({
        build: z.boolean().optional(),
        recreate: z.enum(['diverged', 'force', 'never']).optional(),
      }),
    )
    .output(type<PlanView>()),
  /** Starts a boot and answers at once; its progress is in the state. */
  boot: procedure
    .input(
      servicesInput.extend({
        build: z.boolean().optional(),
        recreate: z.enum(['diverged', 'force', 'never']).optional(),
        removeOrphans: z.boolean().optional(),
        pull: z.enum(['missing', 'always', 'never']).optional(),
        wait: z.boolean().optional(),
        /** Only the named services, not what they depend on. */
        noDeps: z.boolean().optional(),
        /** Replicas by service, over the file's. */
        scale: z.record(z.string(), z.number().int().min(0).max(100)).optional(),
        graceSeconds,
        consents,
        planId: text.optional(),
      }),
    )
    .output(started),
  stop: procedure.input(servicesInput.extend({ graceSeconds })).output(started),
  start: procedure.input(servicesInput).output(started),
  restart: procedure.input(servicesInput.extend({ graceSeconds })).output(started),
  /** Containers and networks go; volumes only with `volumes` and a consent for each. */
  down: procedure
    .input(
      workspaceInput.extend({
        volumes: z.boolean().optional(),
        removeOrphans: z.boolean().optional(),
        graceSeconds,
        consents,
      }),
    )
    .output(started),
  /** What a down would do and what it would lose: its hazards' ids are the consents that `down` wants. */
  planDown: procedure
    .input(workspaceInput.extend({ volumes: z.boolean().optional(), removeOrphans: z.boolean().optional() }))
    .output(type<PlanView>()),
  build: procedure
    .input(servicesInput.extend({ noCache: z.boolean().optional(), pull: z.boolean().optional() }))
    .output(started),
  pull: procedure.input(servicesInput).output(started),
  scale: procedure.input(serviceInput.extend({ replicas: z.number().int().min(0).max(100) })).output(started),
  /** One button of a failure card. */
  fix: procedure
    .input(serviceInput.extend({ fix: text, values: z.record(z.string(), z.string()).optional(), consents }))
    .output(started),
  cancel: procedure.input(workspaceInput.extend({ run: text })).output(type<void>()),
  /** Resolves when the run has ended, with how it ended. */
  wait: procedure
    .input(workspaceInput.extend({ run: text }))
    .output(type<{ outcome: 'done' | 'failed' | 'cancelled' }>()),
  pause: procedure.input(serviceInput).output(type<void>()),
  unpause: procedure.input(serviceInput).output(type<void>()),
};
