import { type } from '@orpc/contract';
import { z } from 'zod';
import type { Download } from './logs.ts';
import { procedure, serviceInput, text } from './procedure.ts';

/** What stands in a folder of a container. */
export interface FileEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
  readonly sizeBytes: number;
  /** Permission bits, as chmod takes them. */
  readonly mode: number;
  readonly modified: number;
  /** For links. */
  readonly target?: string | undefined;
  /** As numbers: `uid:gid`. */
  readonly user: string;
}

export interface FolderView {
  readonly path: string;
  /** Folders first, then by name. */
  readonly entries: readonly FileEntry[];
  /** Not all: the folder, or what lies below it, is too large. */
  readonly truncated: boolean;
}

/** The beginning of a file, to look at. */
export interface FileView {
  readonly path: string;
  readonly sizeBytes: number;
  /** Absent for what is not text. */
  readonly text?: string | undefined;
  readonly truncated: boolean;
}

export interface FileChange {
  readonly path: string;
  readonly kind: 'modified' | 'added' | 'deleted';
}

/** Of a running or a stopped container; without `replica` of the first one, running before stopped. */
const container = serviceInput.extend({ replica: z.number().int().optional() });
const place = container.extend({ path: text });
const MAX_UPLOAD_BYTES = 8 * 1024 ** 3;

export const files = {
  list: procedure.input(place).output(type<FolderView>()),
  view: procedure.input(place).output(type<FileView>()),
  /** Prepares a download: a file as it is, a folder as a tar archive. */
  read: procedure.input(place).output(type<Download>()),
  /** Prepares an upload into the folder `path`, fed by an `upload` stream. Replaces a file of that name. */
  write: procedure
    .input(
      place.extend({
        name: z.string().min(1).max(255),
        sizeBytes: z.number().int().min(0).max(MAX_UPLOAD_BYTES),
      }),
    )
    .output(type<{ readonly ticket: string }>()),
  /** What the container changed against its image, by path. */
  changes: procedure.input(container).output(type<readonly FileChange[]>()),
};
