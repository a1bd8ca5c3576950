import { dirname, joinPath, resolvePath } from './filePath.ts';
import type { ComposeFileReader } from './loadOptions.ts';
import type { LoadWarning } from './project.ts';

/** What a compose file may be called; by preference, as docker compose has it. */
export const COMPOSE_FILE_NAMES: readonly string[] = [
  'compose.yaml',
  'compose.yml',
  'docker-compose.yml',
  'docker-compose.yaml',
];
const OVERRIDE_NAMES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

export interface FoundFiles {
  /** Absolute, the override last; empty when there is no compose file anywhere. */
  readonly files: readonly string[];
  readonly warnings: readonly LoadWarning[];
}

/** Looks for compose files in a folder, then in its parents. */
export async function findComposeFiles(
  folder: string,
  reader: Pick<ComposeFileReader, 'kind'>,
): Promise<FoundFiles> {
  for (let at = folder; ; at = dirname(at)) {
    const candidates = await existing(at, COMPOSE_FILE_NAMES, reader);
    const [winner] = candidates;
    if (winner !== undefined) {
      const overrides = await existing(at, OVERRIDE_NAMES, reader);
      return {
        files: [winner, ...overrides.slice(0, 1)],
        warnings: [...ambiguity(candidates), ...ambiguity(overrides)],
      };
    }
    if (dirname(at) === at) return { files: [], warnings: [] };
  }
}

async function existing(
  folder: string,
  names: readonly string[],
  reader: Pick<ComposeFileReader, 'kind'>,
): Promise<string[]> {
  const paths = names.map((name) => joinPath(folder, name));
  const kinds = await Promise.all(paths.map((path) => reader.kind(path)));
  return paths.filter((_, index) => kinds[index] !== undefined);
}

function ambiguity(paths: readonly string[]): LoadWarning[] {
  const [winner] = paths;
  if (winner === undefined || paths.length === 1) return [];
  return [
    {
      kind: 'files.ambiguous',
      message: `There is more than one compose file (${paths.join(', ')}); ${winner} is used.`,
    },
  ];
}

/** The files that `COMPOSE_FILE` names, undefined when it is not set. */
export function composeFilesFromEnvironment(
  environment: Readonly<Record<string, string>>,
  workingDir: string,
): string[] | undefined {
  const list = environment['COMPOSE_FILE'];
  if (list === undefined) return undefined;
  const windows = /^[A-Za-z]:|^\\\\/.test(workingDir);
  const separator = environment['COMPOSE_PATH_SEPARATOR'] || (windows ? ';' : ':');
  return list.split(separator).map((path) => resolvePath(workingDir, path));
}
