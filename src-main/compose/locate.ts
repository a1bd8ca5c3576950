import type { FileRequest } from './documents.ts';
import {
  type EnvironmentSources,
  projectEnvFiles,
  withEnvFiles,
  withWorkingDirectory,
} from './environment.ts';
import { dirname, resolvePath } from './filePath.ts';
import { composeFilesFromEnvironment, findComposeFiles } from './find.ts';
import type { LoadOptions } from './loadOptions.ts';

/** Which files make the project, and what surrounds them. */
export interface Located {
  /** Empty when there is no compose file. */
  readonly requests: readonly FileRequest[];
  /** Absolute: the project's folder. */
  readonly folder: string;
  /** The process environment over the variables of the environment files. */
  readonly environment: Readonly<Record<string, string>>;
  readonly profiles: readonly string[];
}

/**
 * Finds the files of a project. `.env` is read twice, as docker compose does: beside the caller, where it may name the
 * compose files, and then beside the compose files.
 */
export async function locate(options: LoadOptions, sources: EnvironmentSources): Promise<Located> {
  const { workingDir } = options;
  const explicit = options.files?.map((path) => resolvePath(workingDir, path)) ?? [];
  const base =
    options.projectDirectory === undefined ? undefined : resolvePath(workingDir, options.projectDirectory);
  const folderOf = (paths: readonly string[]) => base ?? (paths[0] ? dirname(paths[0]) : workingDir);
  const process = withWorkingDirectory(options.environment, workingDir);
  const firstFolder = folderOf(explicit);
  let environment = await addEnvFiles(process, firstFolder);
  const paths = await composePaths(explicit, environment);
  const folder = folderOf(paths);
  if (folder !== firstFolder) environment = await addEnvFiles(environment, folder);
  return {
    requests: paths.length === 0 ? [] : [...paths.map((path) => ({ path })), ...(await overrides(paths))],
    folder,
    environment,
    profiles: profilesOf(options, environment),
  };

  async function addEnvFiles(variables: Readonly<Record<string, string>>, at: string) {
    return withEnvFiles(variables, await projectEnvFiles(options, at, sources.files), sources);
  }

  async function composePaths(
    named: readonly string[],
    variables: Readonly<Record<string, string>>,
  ): Promise<readonly string[]> {
    if (named.length > 0) return named;
    const fromEnvironment = composeFilesFromEnvironment(variables, workingDir);
    if (fromEnvironment !== undefined) return fromEnvironment;
    const found = await findComposeFiles(base ?? workingDir, sources.files);
    for (const warning of found.warnings) sources.problems.warn(warning);
    return found.files;
  }

  async function overrides(taken: readonly string[]): Promise<FileRequest[]> {
    const wanted = (options.overrideFiles ?? []).map((path) => resolvePath(folder, path));
    const requests: FileRequest[] = [];
    for (const path of wanted)
      if (!taken.includes(path) && (await sources.files.kind(path)) === 'file') requests.push({ path });
    return requests;
  }
}

function profilesOf(options: LoadOptions, environment: Readonly<Record<string, string>>): readonly string[] {
  if (options.profiles !== undefined && options.profiles.length > 0) return options.profiles;
  return (environment['COMPOSE_PROFILES'] ?? '')
    .split(',')
    .map((profile) => profile.trim())
    .filter((profile) => profile !== '');
}
