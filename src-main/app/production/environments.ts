import { Document, isMap, parseDocument } from 'yaml';
import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { EnvironmentInfo, ProductionView, SourceInfo } from '#contract/requests/production.ts';
import {
  commandConsent,
  commandLine,
  type ProductionEnvironment,
  readEnvironments,
} from '#images/environments.ts';
import { missing } from '../requestBase.ts';
import type { ProductionFiles } from './productionFiles.ts';

export interface KnownEnvironment extends ProductionEnvironment {
  readonly from: 'project' | 'here';
}

/** What the compose files declare, and what was added in the window; a name stands once, the window's word last. */
export async function knownEnvironments(
  project: Project,
  files: ProductionFiles,
): Promise<{ readonly environments: readonly KnownEnvironment[]; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const declared = readEnvironments(extension(project), problems);
  const added = readEnvironments(addedOf(await files.readEnvironments(), problems), problems);
  const here = added.map((entry) => ({ ...entry, from: 'here' as const }));
  const theirs = declared
    .filter(({ name }) => !here.some((entry) => entry.name === name))
    .map((entry) => ({ ...entry, from: 'project' as const }));
  return { environments: [...theirs, ...here], problems };
}

function extension(project: Project): unknown {
  const ours = project.extensions['x-slipway'];
  return typeof ours === 'object' && ours !== null && 'production' in ours ? ours.production : undefined;
}

function addedOf(text: string | undefined, problems: string[]): unknown {
  if (text === undefined) return undefined;
  const document = parseDocument(text);
  if (document.errors.length === 0) return document.toJS({ maxAliasCount: 10 });
  problems.push('.slipway/production.yaml is not valid YAML.');
  return undefined;
}

/** The environment of that name, or the only or first one. Throws `notFound`. */
export function chooseEnvironment(
  environments: readonly KnownEnvironment[],
  name: string | undefined,
): KnownEnvironment {
  const found =
    name === undefined
      ? (environments.find((entry) => entry.name === 'production') ?? environments[0])
      : environments.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  if (name !== undefined) throw missing(`environment ${name}`, `There is no environment ${name}.`);
  throw new AppFailure({
    kind: 'notFound',
    what: 'production',
    message: 'This project does not say what production runs.',
    hint: 'Add to the compose file: x-slipway: { production: { file: deploy/production.yaml } }.',
  });
}

/** Everything but values: for a screen. */
export function productionView(
  known: Awaited<ReturnType<typeof knownEnvironments>>,
  confirmed: (consent: string) => boolean,
  folder: string,
): ProductionView {
  const environments = known.environments.map(
    ({ name, from, source }): EnvironmentInfo => ({
      name,
      from,
      source: sourceInfo(source, (command) => confirmed(commandConsent(command, folder))),
    }),
  );
  return { environments, problems: known.problems };
}

function sourceInfo(
  source: ProductionEnvironment['source'],
  confirmed: (command: readonly string[]) => boolean,
): SourceInfo {
  switch (source.type) {
    case 'file':
    case 'url':
      return source;
    case 'command':
      return { type: 'command', command: commandLine(source.command), confirmed: confirmed(source.command) };
    case 'images':
      return { type: 'images', count: source.count };
  }
}

/** The text of `.slipway/production.yaml` with one environment more, changed, or (null) less. */
export function withEnvironment(
  text: string | undefined,
  name: string,
  source: object | null,
): string | undefined {
  const document = text === undefined ? new Document({}) : parseDocument(text);
  if (!isMap(document.contents)) document.contents = document.createNode({}) as Document['contents'];
  if (source === null) document.delete(name);
  else document.set(name, document.createNode(source));
  const { contents } = document;
  return isMap(contents) && contents.items.length > 0 ? document.toString({ lineWidth: 0 }) : undefined;
}
