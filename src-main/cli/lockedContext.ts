import { existsSync } from 'node:fs';
import path from 'node:path';
import { AppFailure } from '#contract/errors.ts';
import { type CommandContext, withSession, workspaceRecord } from './session.ts';

const LOCK_FILE = 'slipway.lock.yaml';
const OVERRIDE = /[\\/]\.slipway[\\/]override\.yaml$/;

/** The same command on the same files, with the lock after them: its images are the last word of the files. */
export async function lockedContext(context: CommandContext): Promise<CommandContext> {
  const files = await withSession(
    context,
    'files',
    async (session) => workspaceRecord(session)?.composeFiles ?? [],
  );
  const own = files.filter((file) => !OVERRIDE.test(file));
  const lock = path.join(path.dirname(own[0] ?? ''), LOCK_FILE);
  if (!existsSync(lock))
    throw new AppFailure({
      kind: 'path.missing',
      path: lock,
      message: `There is no ${lock}.`,
      hint: 'slipway lock writes it.',
    });
  return { ...context, globals: { ...context.globals, file: [...own, lock] } };
}
