import { useEffect, useState } from 'react';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { FileEntry } from '#contract/requests/files.ts';
import { attempt } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import { saveDownload, sendUpload } from '#state/transfers.ts';
import { useAsked } from '#state/useAsked.ts';

/** What the files dialog shows: a folder, a file, or what changed against the image. */
export type FilesPlace =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'changes' };

interface Container {
  readonly workspace: WorkspaceId;
  readonly service: ServiceName;
}

/** A container's files: where one is, what is there, and what can be done with it. */
export function useContainerFiles(container: Container) {
  const model = useWindow();
  const [place, go] = useState<FilesPlace>({ type: 'folder', path: '/' });
  const [round, setRound] = useState(0);
  const { files } = model.client;
  const key = `${round} ${JSON.stringify(place)}`;
  const folder = useAsked(
    place.type === 'folder'
      ? (signal) => files.list({ ...container, path: place.path }, { signal })
      : undefined,
    key,
  );
  const file = useAsked(
    place.type === 'file'
      ? (signal) => files.view({ ...container, path: place.path }, { signal })
      : undefined,
    key,
  );
  const isFolder = place.type === 'file' && file.failure?.kind === 'input.invalid';
  useEffect(() => {
    if (isFolder) go({ type: 'folder', path: place.path });
  }, [isFolder, place]);
  const changes = useAsked(
    place.type === 'changes' ? (signal) => files.changes(container, { signal }) : undefined,
    key,
  );
  const download = (path: string) => {
    const saved = files.read({ ...container, path }).then((ready) => saveDownload(model, ready));
    return attempt(model, `Downloading ${path}`, saved);
  };
  const upload = async (path: string, brought: readonly File[]) => {
    for (const entry of brought) {
      const sent = files
        .write({ ...container, path, name: entry.name, sizeBytes: entry.size })
        .then(({ ticket }) => sendUpload(model, ticket, entry))
        .then(() => model.notices.add({ tone: 'ok', title: `${entry.name} is in ${path}` }));
      await attempt(model, `Bringing ${entry.name} to ${path}`, sent);
    }
    setRound((count) => count + 1);
  };
  return { place, go, folder, file, changes, download, upload };
}

export type ContainerFiles = ReturnType<typeof useContainerFiles>;

/** `/etc` and `hosts` give `/etc/hosts`. */
export function joinPath(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Where an entry leads: a link to wherever it points, as seen from its folder. */
export function targetOf(folder: string, { name, type, target }: FileEntry): string {
  if (type !== 'link' || target === undefined) return joinPath(folder, name);
  const parts = (target.startsWith('/') ? target : joinPath(folder, target)).split('/');
  const path: string[] = [];
  for (const part of parts) {
    if (part === '..') path.pop();
    else if (part !== '' && part !== '.') path.push(part);
  }
  return `/${path.join('/')}`;
}
