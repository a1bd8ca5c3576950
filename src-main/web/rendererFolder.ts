import { existsSync } from 'node:fs';
import path from 'node:path';
import { AppFailure } from '#contract/errors.ts';

/** Seen from `dist/<host>/main.js`, and from `src-main/web/` in a checkout. */
const CANDIDATES = ['../renderer', '../../dist/renderer'];

/** Where the built window lies. Rejects with `notFound` in a checkout that has not been built. */
export function rendererFolder(): string {
  const folders = CANDIDATES.map((candidate) => path.join(import.meta.dirname, candidate));
  const found = folders.find((folder) => existsSync(path.join(folder, 'index.html')));
  if (found !== undefined) return found;
  throw new AppFailure({
    kind: 'notFound',
    what: 'window',
    message: 'The window has not been built.',
    hint: 'Run `npm run build` once.',
  });
}
