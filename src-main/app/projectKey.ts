import { createHash } from 'node:crypto';

/**
 * What names a project for good in Slipway's own files: its folder and its name, whichever files it was opened with. Another
 * checkout of the same project has its own key.
 */
export function projectKey(project: { readonly folder: string; readonly name: string }): string {
  return createHash('sha256').update(`${project.folder}\0${project.name}`).digest('hex').slice(0, 16);
}
