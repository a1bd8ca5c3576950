import { Document, isMap, isNode, type Node, parseDocument, YAMLMap, type YAMLSeq } from 'yaml';
import type { Port, VolumeMount } from './project.ts';

/**
 * `.slipway/override.yaml`: what Slipway decides for a project, as a compose file of its own, so that
 * `docker compose -f compose.yaml -f .slipway/override.yaml up` gives the same stack. The user's files are never edited.
 * These functions take the file's text (undefined where there is none) and give the next one, or undefined when nothing
 * is left to say.
 */
export interface ServiceOverride {
  /** null takes what was decided away again. */
  readonly image?: string | null;
  readonly volumes?: VolumesOverride | null;
  readonly environment?: Readonly<Record<string, string | null>>;
  /** Variables that the files set and that are to be as if they did not: an `env_file` then has the word. */
  readonly unset?: readonly string[];
  /** All ports that there are; null goes back to the files' own. */
  readonly ports?: readonly Port[] | null;
  /** Any other attribute by its name; null takes what was decided away again. */
  readonly attributes?: Readonly<Record<string, AttributeOverride | null>>;
}

/** `reset` takes away what the files say; `merge` and `replace` as compose merges files, with and without `!override`. */
export type AttributeOverride =
  | { readonly how: 'reset' }
  | { readonly how: 'merge' | 'replace'; readonly value: unknown };

/** `merge`: the mounts take the place of those with the same target. `replace`: they are all mounts there are. */
export interface VolumesOverride {
  readonly how: 'merge' | 'replace';
  readonly mounts: readonly VolumeMount[];
}

const HEADER =
  ' Written by Slipway: versions, images and ports chosen in its window. Delete a line to take a choice back.';

/** Sets what is given and leaves everything else in the file as it is. */
export function overrideService(
  text: string | undefined,
  service: string,
  change: ServiceOverride,
): string | undefined {
  const document = open(text);
  setOrDelete(document, ['services', service, 'image'], change.image);
  if (change.volumes === null) setOrDelete(document, ['services', service, 'volumes'], null);
  else if (change.volumes)
    document.setIn(['services', service, 'volumes'], mountsNode(document, change.volumes));
  if (change.ports === null) setOrDelete(document, ['services', service, 'ports'], null);
  else if (change.ports) document.setIn(['services', service, 'ports'], portsNode(document, change.ports));
  for (const [name, value] of Object.entries(change.environment ?? {})) {
    setOrDelete(document, ['services', service, 'environment', name], value);
  }
  for (const name of change.unset ?? [])
    document.setIn(['services', service, 'environment', name], attributeNode(document, { how: 'reset' }));
  for (const [name, value] of Object.entries(change.attributes ?? {})) {
    setOrDelete(document, ['services', service, name], value && attributeNode(document, value));
  }
  return print(document);
}

/** The image that the override decides for a service, if it does. */
export function overriddenImage(text: string | undefined, service: string): string | undefined {
  const image: unknown = open(text).getIn(['services', service, 'image']);
  return typeof image === 'string' ? image : undefined;
}

/** What the override says of one service, as a document of its own: to be put back by `restoreService`. */
export function serviceSection(text: string | undefined, service: string): string | undefined {
  const section = open(text).getIn(['services', service]);
  if (!isMap(section)) return undefined;
  const document = new Document({});
  document.contents = section.clone() as Document['contents'];
  return document.toString({ lineWidth: 0 });
}

/** Gives attributes and variables of a service back what an earlier section said of them; what it did not say goes. */
export function restoreService(
  text: string | undefined,
  service: string,
  back: {
    readonly attributes: readonly string[];
    readonly environment: readonly string[];
    readonly section: string | undefined;
  },
): string | undefined {
  const document = open(text);
  const before = open(back.section);
  const paths = [
    ...back.attributes.map((name) => [name]),
    ...back.environment.map((name) => ['environment', name]),
  ];
  for (const path of paths) {
    const node = before.getIn(path, true);
    const place = ['services', service, ...path];
    if (isNode(node)) document.setIn(place, node.clone());
    else if (document.hasIn(place)) document.deleteIn(place);
  }
  return print(document);
}

/** Declares a top-level volume with the engine's own name for it; null takes the declaration away. */
export function overrideVolume(
  text: string | undefined,
  key: string,
  name: string | null,
): string | undefined {
  const document = open(text);
  setOrDelete(document, ['volumes', key], name === null ? null : document.createNode({ name }));
  return print(document);
}

/** Gives the declaration of a top-level volume back as an earlier text had it; what that did not have goes. */
export function restoreVolume(
  text: string | undefined,
  key: string,
  before: string | undefined,
): string | undefined {
  const document = open(text);
  const node = open(before).getIn(['volumes', key], true);
  setOrDelete(document, ['volumes', key], isNode(node) ? node.clone() : null);
  return print(document);
}

function open(text: string | undefined): Document {
  const document = text === undefined || text.trim() === '' ? new Document({}) : parseDocument(text);
  if (!isMap(document.contents)) document.contents = document.createNode({}) as Document['contents'];
  if (!document.commentBefore) document.commentBefore = HEADER;
  return document;
}

function setOrDelete(document: Document, path: readonly string[], value: unknown): void {
  if (value === undefined) return;
  if (value === null) {
    if (document.hasIn(path)) document.deleteIn(path);
  } else document.setIn(path, value);
}

function attributeNode(document: Document, attribute: AttributeOverride): Node {
  const node = document.createNode(attribute.how === 'reset' ? null : attribute.value) as Node;
  if (attribute.how === 'reset') node.tag = '!reset';
  if (attribute.how === 'replace') node.tag = '!override';
  return node;
}

function mountsNode(document: Document, volumes: VolumesOverride): YAMLSeq {
  const node = document.createNode(volumes.mounts) as YAMLSeq;
  if (volumes.how === 'replace') node.tag = '!override';
  return node;
}

/** Lists of ports add up when files are merged: only a replacement takes the old one away. */
function portsNode(document: Document, ports: readonly Port[]): YAMLSeq {
  const node = document.createNode(ports) as YAMLSeq;
  node.tag = '!override';
  return node;
}

function print(document: Document): string | undefined {
  for (const path of [['services'], ['volumes']]) prune(document, path);
  const contents = document.contents;
  if (!isMap(contents) || contents.items.length === 0) return undefined;
  return document.toString({ lineWidth: 0 });
}

/** Takes away maps that hold nothing any more, innermost first. */
function prune(document: Document, path: readonly string[]): void {
  const node = document.getIn(path);
  if (!(node instanceof YAMLMap)) return;
  for (const item of [...node.items]) prune(document, [...path, String(item.key)]);
  if (node.items.length === 0) document.deleteIn(path);
}
