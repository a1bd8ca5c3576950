import { type } from '@orpc/contract';
import { z } from 'zod';
import { procedure, text, workspaceInput } from './procedure.ts';

export interface DoctorFinding {
  readonly id: string;
  readonly area: 'engine' | 'project' | 'ports' | 'disk' | 'images' | 'data';
  readonly severity: 'ok' | 'note' | 'warning' | 'error';
  readonly title: string;
  readonly detail?: string | undefined;
  readonly fix?: string | undefined;
}

export const app = {
  setTheme: procedure.input(z.object({ theme: z.enum(['light', 'dark', 'system']) })).output(type<void>()),
  /** The gateway for this and every later start of the app; without a port the one that was chosen last. Fails with `port.inUse`. */
  setGateway: procedure
    .input(z.object({ on: z.boolean(), port: z.number().int().min(0).max(65_535).optional() }))
    .output(type<void>()),
  /** Tries the engine again now. */
  reconnect: procedure.output(type<void>()),
  doctor: procedure.input(workspaceInput.partial()).output(type<readonly DoctorFinding[]>()),
  /** Opens a page in the user's browser: http and https only. */
  openExternal: procedure.input(z.object({ url: text })).output(type<void>()),
};
