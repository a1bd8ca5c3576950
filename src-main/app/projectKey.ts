import { createHash } from 'node:crypto';

const KEYS = new Map<string, string>();

/**
 * What names a project for good in Slipway's own files: its folder and its name, whichever files it was opened with. Another
 * checkout of the same project has its own key.
 */
export function projectKey(project: { readonly folder: string; readonly name: string }): string {
  const text = `${project.folder}\0${project.name}`;
  const known = KEYS.get(text);
  if (known !== undefined) return known;
  const key = createHash('sha256').update(text).digest('hex').slice(0, 16);
  KEYS.set(text, key);
  return key;
}
