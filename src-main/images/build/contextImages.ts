import path from 'node:path';
import { AppFailure } from '#contract/errors.ts';
import type { BuildImage } from '#engine/builds.ts';
import type { Engine } from '#engine/engine.ts';
import { type BuildProject, type ContextImages, imageOfService } from './buildSources.ts';
import { contextFolder } from './contextFolder.ts';
import { contextTar } from './contextTar.ts';
import { memoryFolder } from './memoryFolder.ts';

/** What a stage may be called. Source: Dockerfile reference, FROM. */
const STAGE_NAME = /^[a-z][a-z0-9_.-]*$/;

interface Needs {
  readonly project: BuildProject;
  readonly service: string;
  readonly image: string;
  readonly build: { readonly additional_contexts?: Readonly<Record<string, string>> };
  readonly signal?: AbortSignal | undefined;
}

/** Made with the builder that takes them. */
type Making = Needs & Pick<BuildImage, 'builder'>;

/** The images that were made of folders go again: the build has what it needed, and the builder's cache stays. */
export async function dropContextImages(engine: Engine, needs: Needs): Promise<void> {
  for (const [name, given] of Object.entries(needs.build.additional_contexts ?? {})) {
    const reference = folderImage(needs.image, name);
    if (!path.isAbsolute(given) || (await engine.inspectImage(reference)) === undefined) continue;
    await engine.removeImage(reference, { force: true });
  }
}

function folderImage(image: string, name: string): string {
  return `${image.replace(/:[^/:]*$/, '')}-${name}:context`;
}

/**
 * Every further context as an image, which builders of all ages can copy from; a folder becomes one of its own first. BuildKit
 * knows named contexts only since 0.10, and engines say nothing when they do not.
 */
export async function contextImages(engine: Engine, needs: Making): Promise<ContextImages> {
  const images: Record<string, string> = {};
  for (const [name, given] of Object.entries(needs.build.additional_contexts ?? {})) {
    if (!STAGE_NAME.test(name)) throw unusable(needs.service, name, 'its name cannot be the name of a stage');
    images[name] = await imageOf(engine, needs, { name, given });
  }
  return images;
}

async function imageOf(
  engine: Engine,
  needs: Making,
  { name, given }: { readonly name: string; readonly given: string },
): Promise<string> {
  if (given.startsWith('service:')) return imageOfService(needs.project, given.slice('service:'.length));
  if (given.startsWith('docker-image://')) return given.slice('docker-image://'.length);
  if (!path.isAbsolute(given)) throw unusable(needs.service, name, `${given} is no folder, image or service`);
  return buildFolder(engine, needs, { name, folder: given });
}

async function buildFolder(
  engine: Engine,
  { image, builder, signal }: Making,
  own: { readonly name: string; readonly folder: string },
): Promise<string> {
  const text = 'FROM scratch\nCOPY . /\n';
  const reference = folderImage(image, own.name);
  const dockerfile = '.dockerfile.context';
  const folders = { context: contextFolder(own.folder), dockerfile: memoryFolder({ [dockerfile]: text }) };
  const nothing = { secret: async () => undefined, sshAgent: () => undefined, contexts: {} };
  await engine.buildImage({
    context: contextTar({ folder: own.folder, dockerfile, dockerfileText: text }, signal),
    dockerfile,
    tags: [reference],
    builder,
    ...(builder === 'buildkit' ? { sources: { folders, ...nothing } } : {}),
    signal,
  });
  return reference;
}

function unusable(service: string, name: string, why: string): AppFailure {
  return new AppFailure({
    kind: 'input.invalid',
    field: `services.${service}.build.additional_contexts.${name}`,
    message: `The further context ${name} of ${service} cannot be used: ${why}.`,
  });
}
