import { type } from '@orpc/contract';
import { z } from 'zod';
import type { SessionId } from '../ids.ts';
import { procedure, serviceInput, text, workspaceInput } from './procedure.ts';

export interface TerminalSession {
  readonly id: SessionId;
  readonly service: string;
  readonly title: string;
  readonly kind: 'shell' | 'client' | 'attach' | 'command' | 'toolbox';
  readonly startedAt: number;
  readonly exitCode?: number | undefined;
  /** Where its shell is now, as far as it reports that: a new shell can begin there when the container is gone. */
  readonly workingDir?: string | undefined;
}

export interface ExecOutcome {
  readonly service: string;
  readonly replica: number;
  readonly exitCode: number;
  readonly output: string;
  readonly truncated: boolean;
}

export const terminal = {
  /** Starts a session that lives in the core until it is closed; its bytes come over a `terminal` stream. */
  open: procedure
    .input(
      serviceInput.extend({
        replica: z.number().int().optional(),
        kind: z.enum(['shell', 'client', 'attach', 'command', 'toolbox']),
        command: z.array(z.string()).max(200).optional(),
        user: text.optional(),
        workingDir: text.optional(),
        columns: z.number().int().min(1).max(1000),
        rows: z.number().int().min(1).max(1000),
      }),
    )
    .output(type<TerminalSession>()),
  list: procedure.input(workspaceInput).output(type<readonly TerminalSession[]>()),
  close: procedure.input(z.object({ session: text })).output(type<void>()),
  /** One command in the chosen services, all at once. */
  execMany: procedure
    .input(
      workspaceInput.extend({
        services: z.array(text).min(1).max(200),
        command: z.array(z.string()).min(1).max(200),
        user: text.optional(),
        timeoutMs: z.number().int().max(600_000).optional(),
      }),
    )
    .output(type<readonly ExecOutcome[]>()),
};
