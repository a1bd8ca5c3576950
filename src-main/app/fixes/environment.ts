import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { overrideService } from '#compose/override.ts';
import { AppFailure } from '#contract/errors.ts';
import { missing } from '../requestBase.ts';
import { writeVariables } from '../variables.ts';
import { slipwayFiles } from '../versions/slipwayFiles.ts';
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

/**
 * Puts the value into the project's .env where the files take it from there; a service that is given it in no other way gets it
 * from Slipway's override.
 */
export async function setVariable(
  { source }: FixContext,
  { service, argument: name, values }: Asked,
): Promise<BootAfter> {
  const value = values[name] ?? '';
  if (value === '')
    throw new AppFailure({ kind: 'input.invalid', field: name, message: 'A value is wanted.' });
  const wanted = source.status.type === 'loaded' && source.require().services[service]?.environment?.[name];
  if (wanted === '' || wanted === null) {
    await writeVariables(path.join(source.request.folder, '.env'), { [name]: value });
    await source.load();
  }
  if (source.require().services[service]?.environment?.[name] === value) return {};
  const files = slipwayFiles(source.require().workingDir);
  const environment = { [name]: value };
  await files.writeOverride(overrideService(await files.readOverride(), service, { environment }));
  return {};
}
