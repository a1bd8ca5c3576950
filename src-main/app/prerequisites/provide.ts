import { constants } from 'node:fs';
import { copyFile, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { overrideService, type ServiceOverride } from '#compose/override.ts';
import { AppFailure } from '#contract/errors.ts';
import type { Prerequisite } from '#contract/prerequisites.ts';
import type { Engine } from '#engine/engine.ts';
import { slipwayFiles } from '../versions/slipwayFiles.ts';
import { exampleOf, isFolder } from './missingPath.ts';

interface Provision {
  readonly prerequisite: Prerequisite;
  readonly fix: string;
  /** The answer to what the fix asks for. */
  readonly value?: string | undefined;
  /** Of the project: where Slipway's override stands. */
  readonly folder: string;
  readonly engine: () => Engine;
}

/** Does what one fix of a missing thing says. What is there is never touched. */
export async function provide(provision: Provision): Promise<void> {
  const { prerequisite, fix, engine } = provision;
  const target = prerequisite.id.slice(prerequisite.id.indexOf(':') + 1);
  if (fix === 'create' && prerequisite.kind === 'network')
    await engine().createNetwork({ Name: target, CheckDuplicate: true });
  else if (fix === 'create') await engine().createVolume({ Name: target });
  else if (fix === 'folder') await mkdir(target, { recursive: true });
  else if (fix === 'empty') await makeEmpty(target);
  else if (fix === 'copy') await copyExample(target);
  else if (fix === 'image') await override(provision, { attributes: { build: { how: 'reset' } } });
  else await changeContext(provision);
}

async function makeEmpty(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  // Not over a file that has come meanwhile; secrets are nobody else's business.
  const handle = await open(file, 'a', 0o600);
  await handle.close();
}

async function copyExample(file: string): Promise<void> {
  const example = await exampleOf(file);
  if (example === undefined) throw gone(`There is no example of ${file} any more.`);
  await copyFile(path.join(path.dirname(file), example), file, constants.COPYFILE_EXCL);
}

async function changeContext(provision: Provision): Promise<void> {
  const { fix, value, folder } = provision;
  const asked = fix.startsWith('context:') ? fix.slice('context:'.length) : value;
  if (asked === undefined || asked === '') throw gone('Say which folder it is to be built from.');
  const context = path.resolve(folder, asked);
  if (!(await isFolder(context))) throw gone(`${context} is no folder.`);
  await override(provision, { attributes: { build: { how: 'merge', value: { context } } } });
}

async function override({ prerequisite, folder }: Provision, change: ServiceOverride): Promise<void> {
  const [service = ''] = prerequisite.services;
  const files = slipwayFiles(folder);
  await files.writeOverride(overrideService(await files.readOverride(), service, change));
}

function gone(message: string): AppFailure {
  return new AppFailure({ kind: 'input.invalid', message });
}
