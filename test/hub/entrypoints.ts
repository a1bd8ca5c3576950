import { readFileSync } from 'node:fs';
import type { Overlay } from './recipe.ts';

const FOLDER = new URL('./entrypoints/', import.meta.url);

/** The entrypoint script of an image, where the official images have theirs. */
export function entrypoint(name: string, settings: Readonly<Record<string, string>> = {}): Overlay {
  const constants = Object.entries(settings).map(([key, value]) => `${key}='${value}'\n`);
  return script('usr/local/bin/docker-entrypoint.sh', [...constants, read('common'), read(name)].join('\n'));
}

/** An executable shell script. */
export function script(path: string, text: string): Overlay {
  return { type: 'file', path, text: `#!/bin/bash\n${text}`, mode: 0o755 };
}

/** The text of a script in `entrypoints/`. */
export function read(name: string): string {
  return readFileSync(new URL(`${name}.sh`, FOLDER), 'utf8');
}
