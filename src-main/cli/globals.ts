import path from 'node:path';

/** The options that stand before the command, and `--json`, which may stand anywhere. */
export interface Globals {
  readonly file?: readonly string[];
  readonly profile?: readonly string[];
  readonly projectName?: string;
  readonly envFile?: readonly string[];
  readonly projectDirectory?: string;
  readonly json?: boolean;
  readonly ansi?: 'auto' | 'never' | 'always';
}

/**
 * The folder that relative paths start from. `npm run slipway` starts us in the package's folder and leaves the
 * caller's in INIT_CWD; any other script's INIT_CWD is none of ours.
 */
export function callerFolder(environment: NodeJS.ProcessEnv, cwd: string): string {
  const ours =
    environment['npm_lifecycle_event'] === 'slipway' && environment['npm_package_name'] === 'slipway';
  return (ours && environment['INIT_CWD']) || cwd;
}

/** What `project.open` is asked for. Every path is absolute. */
export function openRequest(globals: Globals, folder: string) {
  const absolute = (file: string) => path.resolve(folder, file);
  const files = globals.file?.map(absolute);
  return {
    path: folder,
    ...(files && files.length > 0 ? { files } : {}),
    ...(globals.profile && globals.profile.length > 0 ? { profiles: [...globals.profile] } : {}),
    ...(globals.projectName === undefined ? {} : { projectName: globals.projectName }),
    ...(globals.envFile && globals.envFile.length > 0 ? { envFiles: globals.envFile.map(absolute) } : {}),
    ...(globals.projectDirectory === undefined
      ? {}
      : { projectDirectory: absolute(globals.projectDirectory) }),
  };
}
