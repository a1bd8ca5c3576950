import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Build } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';

/** Where a build is read from: its folder, and its Dockerfile wherever that stands. */
export interface BuildPlace {
  /** Absolute. */
  readonly folder: string;
  /** Absolute; undefined where the Dockerfile is written inline. */
  readonly file: string | undefined;
  readonly text: string;
  /** The ignore file that counts, and its lines. */
  readonly ignore: { readonly file: string; readonly text: string } | undefined;
}

/** A context that the builder fetches itself: a git repository or an archive. */
export function isRemote(context: string | undefined): context is string {
  return context !== undefined && /^(https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/.test(context);
}

/** Rejects with `path.missing`, or `input.invalid` where there is nothing to build from. */
export async function buildPlace(build: Build, service: string): Promise<BuildPlace> {
  const folder = build.context;
  if (folder === undefined || !path.isAbsolute(folder)) {
    throw new AppFailure({
      kind: 'input.invalid',
      field: `services.${service}.build.context`,
      message: `${service} is built from ${folder ?? 'nothing'}, which is no folder.`,
    });
  }
  await requireFolder(folder, service);
  if (build.dockerfile_inline !== undefined)
    return {
      folder,
      file: undefined,
      text: build.dockerfile_inline,
      ignore: await readIgnore(folder, undefined),
    };
  const file = path.resolve(folder, build.dockerfile ?? 'Dockerfile');
  const text = await readDockerfile(file, { service, named: build.dockerfile !== undefined });
  return { folder, file, text, ignore: await readIgnore(folder, file) };
}

/** `<Dockerfile>.dockerignore` wins over `.dockerignore`. Source: docker build reference, "Filename and location". */
async function readIgnore(folder: string, dockerfile: string | undefined): Promise<BuildPlace['ignore']> {
  const candidates = [
    ...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]),
    path.join(folder, '.dockerignore'),
  ];
  for (const file of candidates) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return { file, text };
  }
  return undefined;
}

async function requireFolder(folder: string, service: string): Promise<void> {
  const facts = await stat(folder).catch(() => undefined);
  if (facts?.isDirectory()) return;
  throw new AppFailure({
    kind: 'path.missing',
    path: folder,
    service,
    message: `The build context ${folder} of ${service} is not there.`,
  });
}

async function readDockerfile(
  file: string,
  own: { readonly service: string; readonly named: boolean },
): Promise<string> {
  // Docker takes the small name where the usual one is not there.
  const others = own.named ? [] : [path.join(path.dirname(file), 'dockerfile')];
  for (const candidate of [file, ...others]) {
    const text = await readFile(candidate, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  throw new AppFailure({
    kind: 'path.missing',
    path: file,
    service: own.service,
    message: `The Dockerfile ${file} of ${own.service} cannot be read.`,
  });
}
