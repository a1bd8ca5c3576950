import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AppFailure } from '#contract/errors.ts';
import { missing } from '../requestBase.ts';
import { writeVariables } from '../variables.ts';
import type { Asked, BootAfter, FixContext } from './fixContext.ts';

/** Only a folder that the files themselves mount: a reader cannot make us create others. */
export async function createPath({ source }: FixContext, { argument: folder }: Asked): Promise<BootAfter> {
  const mounted = Object.values(source.require().services).some(({ volumes }) =>
    volumes?.some((mount) => mount.type === 'bind' && mount.source === folder),
  );
  if (!mounted || !path.isAbsolute(folder)) throw missing(`folder ${folder}`, `No service mounts ${folder}.`);
  await mkdir(folder, { recursive: true });
  return {};
}

/** Puts the values into the project's .env; what is set there already stays. */
export async function setVariable(
  { source }: FixContext,
  { argument: name, values }: Asked,
): Promise<BootAfter> {
  const chosen = name === '' ? values : { [name]: values[name] ?? '' };
  if (Object.values(chosen).every((value) => value === '')) {
    throw new AppFailure({ kind: 'input.invalid', field: name, message: 'A value is wanted.' });
  }
  await writeVariables(path.join(source.request.folder, '.env'), chosen);
  return {};
}
