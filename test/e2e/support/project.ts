import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { World } from './world.ts';

/** A folder with a compose file, gone with the world. `services`: the YAML below `services:`. */
export async function makeProject(
  world: World,
  name: string,
  services = '  web:\n    image: busybox\n',
): Promise<string> {
  const folder = path.join(world.folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'compose.yaml'), `name: ${name}\nservices:\n${services}`);
  return folder;
}
