import { type } from '@orpc/contract';
import { z } from 'zod';
import type { WorkspaceId } from '../ids.ts';
import type { Prerequisite } from '../prerequisites.ts';
import { procedure, text, workspaceInput } from './procedure.ts';

export const project = {
  /** Opens a folder (or the folder of a file) and starts to observe it. Opening it again gives the same workspace. */
  open: procedure
    .input(
      z.object({
        path: text,
        files: z.array(text).max(50).optional(),
        profiles: z.array(text).optional(),
        projectName: text.optional(),
        envFiles: z.array(text).optional(),
        /** What relative paths in the files start from; absent: the first file's folder. */
        projectDirectory: text.optional(),
      }),
    )
    .output(type<{ workspace: WorkspaceId }>()),
  /** Stops observing; containers stay as they are. */
  close: procedure.input(workspaceInput).output(type<void>()),
  /** Reads the files again now; a change on disk does it by itself. */
  reload: procedure.input(workspaceInput).output(type<void>()),
  forget: procedure.input(z.object({ folder: text })).output(type<void>()),
  setProfiles: procedure
    .input(workspaceInput.extend({ profiles: z.array(text).max(200) }))
    .output(type<void>()),
  /** The project as `docker compose config` prints it. */
  config: procedure
    .input(workspaceInput.extend({ format: z.enum(['yaml', 'json']) }))
    .output(type<{ text: string }>()),
  /** Each service's configuration hash, as docker compose writes it into a container's labels. */
  hashes: procedure
    .input(workspaceInput)
    .output(type<{ hashes: readonly { readonly service: string; readonly hash: string }[] }>()),
  /** Folders below a path, for hosts without a folder dialog of their own. Names only, never contents. */
  browse: procedure.input(z.object({ path: z.string().max(4096).optional() })).output(
    type<{
      path: string;
      parent?: string;
      /** Whether the folder itself holds a compose file. */
      hasCompose: boolean;
      folders: { name: string; path: string; hasCompose: boolean }[];
    }>(),
  ),
  /** Variables that the files require and nobody set, with what an example file offers. */
  missingVariables: procedure
    .input(workspaceInput)
    .output(
      type<{ variables: { name: string; message?: string; example?: string }[]; exampleFile?: string }>(),
    ),
  /** What a boot would count on and not find outside of the files: networks, volumes, mounts, folders to build from. */
  prerequisites: procedure.input(workspaceInput).output(type<{ missing: readonly Prerequisite[] }>()),
  /** Does what one fix of a missing thing says; `value` answers what the fix asks for. */
  provide: procedure
    .input(workspaceInput.extend({ id: text, fix: text, value: text.optional() }))
    .output(type<void>()),
  /** Writes answers to the folder's .env (appending, never overwriting a value that is there). */
  setVariables: procedure
    .input(workspaceInput.extend({ values: z.record(z.string(), z.string()) }))
    .output(type<void>()),
};
