import type { ContainerId } from '#contract/ids.ts';
import type { PathStat } from '#engine/containers.ts';
import type { Engine } from '#engine/engine.ts';

/** A shell that is there. */
export interface Shell {
  readonly path: string;
  readonly flavour: 'bash' | 'zsh' | 'busybox' | 'sh';
}

/** The best first. */
const CANDIDATES: readonly { readonly name: string; readonly paths: readonly string[] }[] = [
  { name: 'bash', paths: ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'] },
  { name: 'zsh', paths: ['/bin/zsh', '/usr/bin/zsh', '/usr/local/bin/zsh'] },
  { name: 'ash', paths: ['/bin/ash', '/usr/bin/ash'] },
  { name: 'sh', paths: ['/bin/sh', '/usr/bin/sh'] },
];
const MAX_LINKS = 8;

/**
 * Looks for a shell through the archive API, so that nothing is tried and nothing fails on screen. Undefined for images
 * without one.
 */
export async function findShell(
  engine: Engine,
  id: ContainerId,
  signal?: AbortSignal,
): Promise<Shell | undefined> {
  const found = await Promise.all(
    CANDIDATES.map(async ({ name, paths }) => {
      const targets = await Promise.all(paths.map((path) => resolve(engine, id, path, signal)));
      const index = targets.findIndex((target) => target !== undefined);
      const path = paths[index];
      return path === undefined ? undefined : { path, flavour: flavourOf(name, targets[index] ?? '') };
    }),
  );
  return found.find((shell) => shell !== undefined);
}

/** What kind of shell an explicitly chosen path is, as far as its name tells. */
export function shellAt(path: string): Shell {
  return { path, flavour: flavourOf(path.split('/').at(-1) ?? '', path) };
}

/** The file that a path leads to, through links; undefined when there is none. */
async function resolve(
  engine: Engine,
  id: ContainerId,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  let here = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const stat = await engine.statPath(id, here, { signal });
    if (stat === undefined || stat.isDirectory) return undefined;
    const target = targetOf(stat, here);
    if (target === undefined) return here;
    here = target;
  }
  return undefined;
}

/** Docker gives where a link leads from the root of the container; others give what stands in the link. */
function targetOf({ linkTarget }: PathStat, path: string): string | undefined {
  if (linkTarget === '' || linkTarget === path) return undefined;
  return linkTarget.startsWith('/') ? linkTarget : `${path.slice(0, path.lastIndexOf('/'))}/${linkTarget}`;
}

function flavourOf(name: string, target: string): Shell['flavour'] {
  if (name === 'bash' || name === 'zsh') return name;
  if (target.endsWith('/busybox')) return 'busybox';
  return target.endsWith('/bash') ? 'bash' : 'sh';
}
