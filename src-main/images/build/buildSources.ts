import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { builtImageName } from '#compose/names.ts';
import type { Build, Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { AgentConnection, BuildFolder, BuildSources } from '#engine/builds.ts';
import type { BuildPlace } from './buildPlace.ts';
import { contextFolder } from './contextFolder.ts';
import { parseDockerfile } from './dockerfile.ts';
import { readIgnoreFile } from './ignoreRules.ts';
import { memoryFolder } from './memoryFolder.ts';
import type { SeenContext } from './seenContext.ts';

export type BuildProject = Pick<Project, 'name' | 'environment' | 'secrets' | 'services' | 'resolvedContent'>;

/** What a build needs beside its folder, made ready. */
export interface PreparedSources {
  readonly sources: BuildSources;
  readonly dockerfile: string;
  /** Lines that stand before the user's own in the Dockerfile that is built. */
  readonly addedLines: number;
  /** What the file asks for and this build does without, by name. */
  readonly warnings: readonly string[];
}

/** Further folders that a Dockerfile copies from: each an image made beforehand, by the name that the Dockerfile uses. */
export type ContextImages = Readonly<Record<string, string>>;

export function prepareSources(
  place: BuildPlace,
  given: {
    readonly build: Build;
    readonly project: BuildProject;
    readonly contextImages: ContextImages;
    readonly seen: SeenContext;
  },
): PreparedSources {
  const { build, project } = given;
  const ssh = sshSockets(build, project.environment);
  const { folder, name, addedLines } = dockerfileFolder(place, given.contextImages);
  return {
    dockerfile: name,
    addedLines,
    warnings: [...ssh.warnings, ...unsupported(build)],
    sources: {
      folders: {
        context: given.seen.watch(contextFolder(place.folder, readIgnoreFile(place.ignore?.text ?? ''))),
        dockerfile: folder,
      },
      contexts: {},
      secret: (id) => secretValue(id, build, project),
      sshAgent: (id) => connectAgent(ssh.sockets.get(id)),
    },
  };
}

/** Stages named after the further contexts, before the first of the user's: `COPY --from=name` and `FROM name` find them. */
function dockerfileFolder(
  place: BuildPlace,
  images: ContextImages,
): { readonly folder: BuildFolder; readonly name: string; readonly addedLines: number } {
  const stages = Object.entries(images).map(([name, image]) => `FROM ${image} AS ${name}`);
  if (place.file !== undefined && stages.length === 0) {
    return {
      folder: contextFolder(path.dirname(place.file)),
      name: path.basename(place.file),
      addedLines: 0,
    };
  }
  const first = parseDockerfile(place.text).find(({ keyword }) => keyword === 'FROM')?.line ?? 1;
  const lines = place.text.split('\n');
  const text = [...lines.slice(0, first - 1), ...stages, ...lines.slice(first - 1)].join('\n');
  const own = place.ignore && { 'Dockerfile.dockerignore': place.ignore.text };
  return {
    folder: memoryFolder({ Dockerfile: text, ...own }),
    name: 'Dockerfile',
    addedLines: stages.length,
  };
}

async function secretValue(id: string, build: Build, project: BuildProject): Promise<Uint8Array | undefined> {
  const reference = build.secrets?.find(({ source, target }) => (target ?? source) === id);
  if (reference?.source === undefined) return undefined;
  const known = project.resolvedContent.secrets[reference.source];
  if (known !== undefined) return Buffer.from(known);
  const object = project.secrets[reference.source];
  if (object?.content !== undefined) return Buffer.from(object.content);
  if (object?.environment !== undefined) return Buffer.from(project.environment[object.environment] ?? '');
  if (object?.file === undefined) return undefined;
  try {
    return await readFile(object.file);
  } catch (thrown) {
    throw new AppFailure(
      { kind: 'path.missing', path: object.file, message: `The secret ${object.file} cannot be read.` },
      { cause: thrown },
    );
  }
}

/** `default` is the user's agent; `id=path` a socket. Keys in files would need an agent of our own. */
function sshSockets(
  build: Build,
  environment: Readonly<Record<string, string>>,
): { readonly sockets: ReadonlyMap<string, string>; readonly warnings: readonly string[] } {
  const sockets = new Map<string, string>();
  const warnings: string[] = [];
  for (const entry of build.ssh ?? []) {
    const [id = 'default', given] = entry.split('=', 2);
    const socket = given ?? environment['SSH_AUTH_SOCK'];
    if (socket === undefined) warnings.push(`ssh ${id}: no agent runs (SSH_AUTH_SOCK is not set).`);
    else sockets.set(id, socket);
  }
  return { sockets, warnings };
}

function connectAgent(socket: string | undefined): AgentConnection | undefined {
  if (socket === undefined) return undefined;
  const connection = net.connect(socket);
  // Whoever uses the agent sees its output end.
  connection.on('error', () => connection.destroy());
  return {
    output: connection,
    write: (bytes) => void connection.write(bytes),
    close: () => connection.destroy(),
  };
}

function unsupported(build: Build): string[] {
  return [
    ...(build.cache_to?.length ? ['cache_to is not written: the engine keeps the cache itself.'] : []),
    ...(build.sbom ? ['sbom is not made.'] : []),
    ...(build.provenance ? ['provenance is not made.'] : []),
    ...(build.privileged ? ['privileged has no effect on this build.'] : []),
  ];
}

/** The image of another service, for `service:NAME` among the further contexts. */
export function imageOfService(project: BuildProject, service: string): string {
  return project.services[service]?.image ?? builtImageName(project.name, service);
}
