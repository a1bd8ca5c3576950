import { readFileSync } from 'node:fs';

/** Slipway's version, from the package.json two folders up: of `src-main/app` as of `dist/<host>`. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
