import { lookupIn } from './documents.ts';
import { basename } from './filePath.ts';
import type { Files } from './files.ts';
import { interpolate } from './interpolate/interpolate.ts';
import type { LoadOptions } from './loadOptions.ts';
import type { Located } from './locate.ts';
import { isProjectName, normalizeProjectName } from './names.ts';
import type { Problems } from './problems.ts';
import { get, mapOf, type Node, stringNode, textOf } from './yaml/nodes.ts';
import type { RawNode } from './yaml/raw.ts';

interface Sources {
  readonly files: Files;
  readonly problems: Problems;
}

/** The project's name: as asked for, as the environment says, as the files say, or the folder's. */
export async function resolveProjectName(
  options: LoadOptions,
  located: Located,
  sources: Sources,
): Promise<string> {
  const given = options.projectName || located.environment['COMPOSE_PROJECT_NAME'];
  if (given) {
    if (!isProjectName(given)) complain(given, sources.problems);
    return given;
  }
  const named = await nameInFiles(located, sources);
  const name = normalizeProjectName(named ?? basename(located.folder));
  if (name === '') complain(named ?? basename(located.folder), sources.problems);
  return name;
}

function complain(name: string, problems: Problems): void {
  problems.invalid({
    message: `"${name}" is no name for a project.`,
    path: 'name',
    expected: 'lower-case letters, digits, "-" and "_", a letter or digit first',
  });
}

/** The last `name:` of the files, its variables replaced. Interpolation needs the name, so it is read first. */
async function nameInFiles(located: Located, { files, problems }: Sources): Promise<string | undefined> {
  let found: Node | undefined;
  for (const { path } of located.requests)
    for (const document of (await files.documents(path)) ?? []) found = nameOf(document) ?? found;
  if (found === undefined) return undefined;
  const root = interpolate(mapOf({ name: found }, found), lookupIn(located.environment), problems);
  return textOf(get(root, 'name')) || undefined;
}

function nameOf(document: RawNode): Node | undefined {
  if (document.kind !== 'map') return undefined;
  const pair = document.pairs.find(({ key }) => key.kind === 'scalar' && key.text === 'name');
  const value = pair?.value.kind === 'alias' ? pair.value.target : pair?.value;
  return value?.kind === 'scalar' && value.text !== '' ? stringNode(value.text, value) : undefined;
}
