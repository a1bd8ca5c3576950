import { lookupIn } from './documents.ts';
import { DotenvError, parseDotenv, parseRawEnv } from './dotenv.ts';
import { isAbsolute, joinPath, resolvePath } from './filePath.ts';
import type { Files } from './files.ts';
import type { LoadOptions } from './loadOptions.ts';
import type { Problems } from './problems.ts';

type Variables = Readonly<Record<string, string>>;

export interface EnvironmentSources {
  readonly files: Files;
  readonly problems: Problems;
}

/** Variables of environment files laid under those that are set already. */
export async function withEnvFiles(
  environment: Variables,
  paths: readonly string[],
  sources: EnvironmentSources,
): Promise<Variables> {
  const variables = new Map<string, string>();
  const surroundings = lookupIn(environment);
  for (const path of paths) {
    const text = await sources.files.text(path);
    if (text === undefined) {
      if (!sources.files.isUnreadable(path))
        sources.problems.invalid({ message: `The environment file ${path} does not exist.` });
    } else
      readEnvFile({ path, text, format: '' }, variables, {
        ...sources,
        lookup: (name) => surroundings(name) ?? variables.get(name),
      });
  }
  return { ...Object.fromEntries(variables), ...environment };
}

/** The environment files of a project: the ones asked for, else `.env` in the folder. */
export async function projectEnvFiles(
  options: LoadOptions,
  folder: string,
  files: Files,
): Promise<readonly string[]> {
  if (options.envFiles !== undefined && options.envFiles.length > 0)
    return options.envFiles.map((path) => resolvePath(options.workingDir, path));
  if (isTrue(options.environment['COMPOSE_DISABLE_ENV_FILE'])) return [];
  const path = joinPath(folder, '.env');
  return (await files.kind(path)) === 'file' ? [path] : [];
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 't', 'true'].includes(text.toLowerCase());
}

export interface EnvFileText {
  readonly path: string;
  readonly text: string;
  readonly format: string;
}

/** Reads one file into `variables`; a line without meaning is an error with its place. */
export function readEnvFile(
  file: EnvFileText,
  variables: Map<string, string>,
  context: { readonly problems: Problems; readonly lookup: (name: string) => string | undefined },
): void {
  const { problems, lookup } = context;
  try {
    if (file.format === 'raw') parseRawEnv(file.text, variables, lookup);
    else if (file.format === '' || file.format === '.env')
      parseDotenv(file.text, variables, lookup, (name) =>
        problems.warn({
          kind: 'variable.unset',
          message: `The variable ${name} is not set: it counts as empty.`,
        }),
      );
    else
      problems.invalid({ message: `"${file.format}" is no format of environment files.`, expected: 'raw' });
  } catch (thrown) {
    if (!(thrown instanceof DotenvError)) throw thrown;
    problems.add({
      kind: 'compose.invalid',
      message: `${file.path}:${thrown.line}: ${thrown.message}.`,
      at: { file: file.path, line: thrown.line, column: 1 },
    });
  }
}

/** `PWD` is what relative paths in files often start with; docker compose sets it too. */
export function withWorkingDirectory(environment: Variables, workingDir: string): Variables {
  return Object.hasOwn(environment, 'PWD') || !isAbsolute(workingDir)
    ? environment
    : { ...environment, PWD: workingDir };
}
