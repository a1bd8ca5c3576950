import { canonical } from './canonical/canonical.ts';
import type { Files } from './files.ts';
import type { Lookup } from './interpolate/template.ts';
import { enforceUnicity } from './merge/unicity.ts';
import type { Problems } from './problems.ts';
import { composeDocument, type Document } from './yaml/compose.ts';
import type { MapNode, Place } from './yaml/nodes.ts';

/** What the files of one model share. An included model has its own. */
export interface Scope {
  readonly files: Files;
  readonly problems: Problems;
  /** What relative paths in the documents start from. */
  readonly folder: string;
  /** The variables, for interpolation and for names without a value. */
  readonly environment: Readonly<Record<string, string>>;
  /** The files that are being included, outermost first. */
  readonly including: readonly string[];
  /** Content of secrets and configs that came from variables, by `secrets.key` and `configs.key`. */
  readonly contents: Map<string, string>;
  /** The user's home folder, for `~`. */
  readonly home: string | undefined;
}

/** A file to load: its path, and what named it. */
export interface FileRequest {
  readonly path: string;
  readonly namedBy?: Place | undefined;
  /** Where in the document it is named. */
  readonly at?: string | undefined;
}

export function lookupIn(environment: Readonly<Record<string, string>>): Lookup {
  return (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined);
}

/** The documents of a file; a file that is not there is an error of what named it. */
export async function readDocuments(request: FileRequest, scope: Scope): Promise<Document[]> {
  const raws = await scope.files.documents(request.path, request.namedBy);
  if (raws === undefined) {
    await complainOfMissing(request, scope);
    return [];
  }
  const documents: Document[] = [];
  for (const raw of raws) {
    await scope.files.pause();
    documents.push(composeDocument(raw, scope.problems));
  }
  for (const document of documents)
    if (document.root.kind !== 'map')
      scope.problems.invalid({
        message: `A compose file must be a map, not a ${document.root.kind === 'list' ? 'list' : 'single value'}.`,
        place: document.root,
        expected: 'a map',
      });
  return documents;
}

async function complainOfMissing(
  { path, at, namedBy }: FileRequest,
  { files, problems }: Scope,
): Promise<void> {
  if (files.isUnreadable(path) || (await files.kind(path)) !== undefined) return;
  problems.invalid({
    message: `The file ${path} does not exist.`,
    path: at,
    place: namedBy,
    expected: 'a file',
  });
}

/** Long forms can show that two entries are the same: a range of ports and one of them. */
export function toCanonical(model: MapNode, problems: Problems): MapNode {
  return enforceUnicity(canonical(model, problems)) as MapNode;
}
