import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { cacheDirectory } from '../../scripts/engine/paths.ts';

/** The archive of an npm package, from the registry that npm is configured for; fetched once. */
export function npmTarball(name: string, version: string): Readable {
  const folder = cacheDirectory('hub', 'npm');
  const file = `${folder}/${name}-${version}.tgz`;
  if (!existsSync(file)) fetchTarball(`${name}@${version}`, folder);
  return createReadStream(file).pipe(createGunzip());
}

function fetchTarball(spec: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const done = spawnSync('npm', ['pack', spec, '--pack-destination', folder, '--silent'], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 120_000,
  });
  if (done.status !== 0) throw new Error(`npm pack ${spec} failed:\n${done.error?.message ?? done.stderr}`);
}
