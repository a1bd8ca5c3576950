import { type Document, parseAllDocuments } from 'yaml';
import { parseImageReference } from '#base/imageReference.ts';
import { isCompose, readCompose } from './compose.ts';
import { isEcs, readEcs } from './ecs.ts';
import { isKubernetes, readKubernetes } from './kubernetes.ts';
import type { ManifestFormat, ProductionContainer, ProductionManifest } from './manifest.ts';
import { isNomad, readNomad } from './nomad.ts';
import { isPlainMap, readPlainMap } from './plainMap.ts';
import { cleanText, isRecord } from './read.ts';

/** What a large cluster prints; a file beyond it is no manifest. */
export const MANIFEST_LIMIT_BYTES = 32 * 1024 * 1024;
/** Anchors that multiply: YAML's own bomb. */
const ALIAS_LIMIT = 100;
/** Beyond these the list helps nobody. */
const PROBLEM_LIMIT = 50;

/**
 * What one environment runs. Takes YAML (several documents) and JSON of every format, found by its shape; never throws on
 * what it is given: what cannot be read is among the problems.
 */
export function parseManifest(text: string, environment: string): ProductionManifest {
  const problems: string[] = [];
  const documents = documentsOf(text, problems);
  const format = formatOf(documents);
  const containers = format === undefined ? [] : readers[format](documents, problems);
  if (format === undefined && problems.length === 0)
    problems.push('This is neither compose, Kubernetes, ECS, Nomad nor a map of services to images.');
  const valid = containers.filter((entry) => isImage(entry, problems));
  if (format !== undefined && valid.length === 0) problems.push('There is no container in it.');
  return {
    environment,
    format: format ?? 'map',
    containers: valid,
    problems: problems.slice(0, PROBLEM_LIMIT),
  };
}

type Reader = (documents: readonly unknown[], problems: string[]) => readonly ProductionContainer[];
const readers: Readonly<Record<ManifestFormat, Reader>> = {
  compose: readCompose,
  kubernetes: readKubernetes,
  ecs: readEcs,
  nomad: readNomad,
  map: readPlainMap,
};

function formatOf(documents: readonly unknown[]): ManifestFormat | undefined {
  if (documents.some(isKubernetes)) return 'kubernetes';
  if (documents.some(isEcs)) return 'ecs';
  if (documents.some(isNomad)) return 'nomad';
  if (documents.some(isCompose)) return 'compose';
  return documents.length > 0 && documents.every(isPlainMap) ? 'map' : undefined;
}

function documentsOf(text: string, problems: string[]): readonly unknown[] {
  if (text.length > MANIFEST_LIMIT_BYTES) {
    problems.push('It is too large for a manifest.');
    return [];
  }
  if (/^\s*[[{]/.test(text)) {
    const parsed = jsonOf(text);
    if (parsed !== undefined) return Array.isArray(parsed) ? parsed.filter(isRecord) : [parsed];
  }
  const parsed = parsedDocuments(text, problems);
  return Array.isArray(parsed)
    ? (parsed as ParsedDocument[]).flatMap((document) => plainOf(document, problems))
    : [];
}

/** Nesting without end overflows the parser's stack: that is the file's fault, not ours. */
function parsedDocuments(text: string, problems: string[]): unknown {
  try {
    return parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' });
  } catch (thrown) {
    problems.push(firstLine(thrown instanceof Error ? thrown.message : String(thrown)));
    return [];
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // YAML in flow style looks like this too
  }
}

type ParsedDocument = Pick<Document.Parsed, 'errors' | 'toJS'>;

function plainOf(document: ParsedDocument, problems: string[]): readonly unknown[] {
  const [error] = document.errors;
  if (error !== undefined) {
    problems.push(`Line ${error.linePos?.[0]?.line ?? '?'}: ${firstLine(error.message)}`);
    return [];
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: ALIAS_LIMIT });
    return isRecord(value) ? [value] : [];
  } catch (thrown) {
    problems.push(firstLine(thrown instanceof Error ? thrown.message : String(thrown)));
    return [];
  }
}

/** The parser quotes the file below its message: that may be a secret. */
function firstLine(message: string): string {
  return cleanText((message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''));
}

function isImage({ image, name }: ProductionContainer, problems: string[]): boolean {
  if (parseImageReference(image) !== undefined) return true;
  problems.push(`${name}: ${image} is not the name of an image.`);
  return false;
}
