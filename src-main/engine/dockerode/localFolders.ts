import { createHash } from 'node:crypto';
import type { BuildFolder, BuildSources } from '../builds.ts';

/** How a build's folders are told to BuildKit. */
export interface LocalFolders {
  /** By the name under which BuildKit asks for them. */
  readonly folders: Readonly<Record<string, BuildFolder>>;
  /** Of the session. */
  readonly sharedKey: string;
  /** For the frontend. Source: moby/buildkit `frontend/dockerui/config.go`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * BuildKit keeps what it got, by the folder's name and the session's key, and the next time asks only for files whose size, mode
 * or time differ. With one name and key for all, a file of the folder that was sent before is taken for one of this folder.
 * So the key is the context's own, and the Dockerfile's folder, of which a context can have several, has a name of its own.
 */
export async function localFolders(folders: BuildSources['folders']): Promise<LocalFolders> {
  const { context, dockerfile } = folders;
  const sharedKey = context === undefined ? '' : await digestOf(context);
  if (dockerfile === undefined) return { folders, sharedKey, attributes: {} };
  const name = `dockerfile-${await digestOf(dockerfile)}`;
  // By its usual name too, for frontends (`# syntax=`) that do not know the attribute.
  return { folders: { ...folders, [name]: dockerfile }, sharedKey, attributes: { dockerfilekey: name } };
}

async function digestOf(folder: BuildFolder): Promise<string> {
  return createHash('sha256')
    .update(await folder.identity())
    .digest('hex');
}
