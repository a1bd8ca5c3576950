import { pack } from 'tar-stream';
import type { InjectedFile } from '#plan/plan.ts';

/** The files as a tar stream with absolute paths, owners and modes as they are to be. */
export async function* packFiles(files: readonly InjectedFile[]): AsyncGenerator<Uint8Array> {
  const archive = pack();
  for (const file of files)
    archive.entry(
      { name: file.path.replace(/^\/+/, ''), mode: file.mode, uid: file.uid, gid: file.gid },
      file.content,
    );
  archive.finalize();
  for await (const chunk of archive) yield chunk as Uint8Array;
}
