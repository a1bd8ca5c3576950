import {
  changedFiles,
  listFiles,
  readContainerFile,
  readTree,
  statFile,
  writeContainerFile,
} from '#streams/files.ts';
import type { CoreParts } from '../coreParts.ts';
import { containerOf, type PlaceInput } from '../logs/containerPlace.ts';
import { viewFile } from '../logs/viewFile.ts';
import { requests } from '../requestBase.ts';

export function filesHandlers(parts: CoreParts) {
  const { tickets } = parts;
  const place = (input: PlaceInput) => containerOf(parts.workspaces, input);
  return {
    list: requests.files.list.handler(async ({ input, signal }) => {
      const { engine, id } = place(input);
      const { entries, truncated } = await listFiles(engine, id, input.path, { signal });
      const folders = entries.filter(({ type }) => type === 'directory');
      const others = entries.filter(({ type }) => type !== 'directory');
      return { path: input.path, entries: [...folders, ...others], truncated };
    }),
    view: requests.files.view.handler(({ input, signal }) => {
      const { engine, id } = place(input);
      return viewFile(engine, id, input.path, { signal });
    }),
    read: requests.files.read.handler(async ({ input, signal }) => {
      const { engine, id } = place(input);
      const { path } = input;
      const stat = await statFile(engine, id, path, { signal });
      const name = path.split('/').findLast((part) => part !== '') ?? input.service;
      if (stat.isDirectory) {
        const open = (until: AbortSignal) => later(() => readTree(engine, id, path, { signal: until }));
        return { ticket: tickets.issue({ type: 'download', open }), fileName: `${name}.tar` };
      }
      const open = (until: AbortSignal) =>
        later(async () => (await readContainerFile(engine, id, path, { signal: until })).bytes);
      const ticket = tickets.issue({ type: 'download', open });
      return { ticket, fileName: name, ...(stat.linkTarget === '' ? { sizeBytes: stat.sizeBytes } : {}) };
    }),
    write: requests.files.write.handler(async ({ input, signal }) => {
      const { engine, id } = place(input);
      const { path: folder, name, sizeBytes } = input;
      await statFile(engine, id, folder, { signal });
      const take = (bytes: AsyncIterable<Uint8Array>, until: AbortSignal) =>
        writeContainerFile(engine, id, { folder, name, sizeBytes, bytes }, { signal: until });
      return { ticket: tickets.issue({ type: 'upload', take }) };
    }),
    changes: requests.files.changes.handler(({ input, signal }) => {
      const { engine, id } = place(input);
      return changedFiles(engine, id, { signal });
    }),
  };
}

/** Opened when the first bytes are asked for. */
async function* later(
  open: () => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array, void, void> {
  yield* await open();
}
