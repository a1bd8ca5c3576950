import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isMap, parseDocument } from 'yaml';
import type { Clock } from '#base/clock.ts';
import { isSecretName } from '#base/secretNames.ts';
import { configDocument } from '#compose/config.ts';
import type { Project } from '#compose/project.ts';
import type { RunId } from '#contract/ids.ts';
import type { CheckpointView } from '#contract/requests/data.ts';
import type { LocalRegistryView, PackView } from '#contract/requests/share.ts';
import type { Engine } from '#engine/engine.ts';
import { type PackDocument, packDocument } from '#images/pack/packDocument.ts';
import type { LoginPlaces } from '#images/registryAuth.ts';
import { beginSteps } from '../data/beginSteps.ts';
import type { Tell } from '../data/replaceVolumes.ts';
import { pullAlone } from '../executor.ts';
import { productionFiles } from '../production/productionFiles.ts';
import { projectYaml } from '../projectYaml.ts';
import { missing } from '../requestBase.ts';
import type { Runs } from '../runs.ts';
import {
  type RegistryWorld,
  registryView,
  type StartRegistry,
  startRegistry,
  stopRegistry,
} from './localRegistry.ts';
import {
  IMAGES_NAME,
  MANIFEST_NAME,
  type PackEntry,
  type PackManifest,
  writePackArchive,
} from './packArchive.ts';
import { type PackedFiles, packFiles } from './packFiles.ts';
import { type PackedImage, packImages } from './packImages.ts';
import { type LogLineText, logMask, packLogs } from './packLogs.ts';
import { packReadme } from './packText.ts';
import { pushSteps, tagOf } from './pushBuilds.ts';

/** What sharing needs of its project. */
export interface ShareContext {
  readonly runs: Runs;
  readonly clock: Clock;
  readonly project: () => Project;
  readonly engine: () => Engine;
  /** The process's own environment: what is not from there, a file has set. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logins: LoginPlaces;
  readonly branch: () => string | undefined;
  /** The image that a service's container was made of. */
  readonly ranImage: (service: string) => string | undefined;
  /** The last moment at which something failed, and what; undefined where nothing has. */
  readonly lastFailure: () => { readonly at: number; readonly why: string } | undefined;
  readonly logs: (span: {
    readonly sinceMs: number;
    readonly untilMs: number;
    readonly signal: AbortSignal;
  }) => AsyncIterable<LogLineText>;
  readonly checkpoints: () => Promise<readonly CheckpointView[]>;
  readonly exportCheckpoint: (id: string, file: string) => Promise<unknown>;
}

export interface PackRequest {
  readonly images?: boolean | undefined;
  readonly checkpoints?: readonly string[] | undefined;
  readonly aroundMs?: number | undefined;
}

interface ReadyPack {
  readonly project: Project;
  readonly images: readonly PackedImage[];
  readonly files: PackedFiles;
  readonly packed: PackDocument;
  readonly checkpoints: readonly CheckpointView[];
  readonly logs: PackView['logs'];
}

/** What the loader sets itself. */
const NOT_ASKED = /^(?:COMPOSE_.*|PWD)$/;
/** Long enough to see what led to a failure, short enough to be read. */
const BEFORE_MS = 10 * 60_000;
const AFTER_MS = 2 * 60_000;

/** Gives a colleague what they need to see the same failure. */
export class Share {
  readonly #context: ShareContext;

  constructor(context: ShareContext) {
    this.#context = context;
  }

  async packPlan(request: PackRequest, signal?: AbortSignal): Promise<PackView> {
    const ready = await this.#prepare(request, signal);
    const { project, images, files, packed, logs } = ready;
    const checkpoints = await this.#context.checkpoints();
    const bytes =
      sizeOf(images) +
      files.files.reduce((sum, file) => sum + file.bytes, 0) +
      ready.checkpoints.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    return {
      services: images.map(({ service, packed: image, from, sizeBytes, why }) => ({
        service,
        image,
        from,
        sizeBytes,
        why,
      })),
      variables: packed.variables.map(({ name }) => name),
      files: files.files.map(({ place }) => place),
      checkpoints: checkpoints.map(({ id, name, storedBytes }) => ({ id, name, bytes: storedBytes })),
      notes: [...packed.notes, ...files.notes],
      logs,
      bytes,
      fileName: `${project.name}-${stamp(this.#context.clock.now())}.slipway-pack`,
    };
  }

  async pack(
    request: PackRequest & { readonly file: string },
    signal?: AbortSignal,
  ): Promise<{ readonly run: RunId; readonly file: string }> {
    await this.#context.runs.makeRoom();
    const ready = await this.#prepare(request, signal);
    const folder = { path: '' };
    const { run } = beginSteps(this.#context, { kind: 'pack', title: `Pack ${ready.project.name}` }, [
      {
        kind: 'copy',
        label: 'gather images and checkpoints',
        cause: 'a colleague has neither',
        work: async (tell, aborted) => {
          folder.path = await mkdtemp(path.join(os.tmpdir(), 'slipway-pack-'));
          await this.#gather(ready, folder.path, tell, aborted).catch(removing(folder.path));
          return undefined;
        },
      },
      {
        kind: 'other',
        label: `write ${path.basename(request.file)}`,
        cause: 'one file holds it all',
        work: async (tell, aborted) => {
          const entries = await this.#entries(ready, folder.path, aborted).catch(removing(folder.path));
          let bytes = 0;
          const onBytes = (count: number) => {
            bytes += count;
            tell({ text: 'compress', bytes });
          };
          await writePackArchive(request.file, entries, { onBytes, signal: aborted }).finally(() =>
            rm(folder.path, { recursive: true, force: true }),
          );
          return request.file;
        },
      },
    ]);
    return { run, file: request.file };
  }

  registry(only?: number, signal?: AbortSignal): Promise<LocalRegistryView> {
    return registryView(this.#registryWorld(only, signal));
  }

  startRegistry(request: StartRegistry, signal?: AbortSignal): Promise<LocalRegistryView> {
    return startRegistry(request, this.#registryWorld(request.port, signal));
  }

  stopRegistry(only?: number, signal?: AbortSignal): Promise<void> {
    return stopRegistry(this.#registryWorld(only, signal));
  }

  /** Pushes what was built here into the registry on this machine, under the branch's name. */
  async pushBuilds(request: {
    readonly services?: readonly string[] | undefined;
    readonly tag?: string | undefined;
    readonly port?: number | undefined;
  }): Promise<{ readonly run: RunId }> {
    await this.#context.runs.makeRoom();
    const { state, address } = await this.registry(request.port);
    if (state !== 'running') throw missing('registry', 'No registry runs on this machine: start it first.');
    const steps = pushSteps({
      project: this.#context.project(),
      services: request.services ?? [],
      registry: address,
      tag: request.tag ?? tagOf(this.#context.branch()),
      engine: this.#context.engine,
    });
    return beginSteps(this.#context, { kind: 'push', title: 'Push local builds' }, steps);
  }

  #registryWorld(only: number | undefined, signal: AbortSignal | undefined): RegistryWorld {
    const { clock, logins } = this.#context;
    const engine = this.#context.engine();
    return {
      engine,
      pull: (image, aborted) =>
        pullAlone({ engine, logins, image, onBytes: () => undefined, signal: aborted }),
      fetch,
      wait: (ms, aborted) => clock.sleep(ms, aborted),
      only,
      signal,
    };
  }

  async #prepare(request: PackRequest, signal: AbortSignal | undefined): Promise<ReadyPack> {
    const project = this.#context.project();
    const document = configDocument(project);
    const all = await this.#context.checkpoints();
    const [images, files] = await Promise.all([
      packImages({
        project,
        engine: this.#context.engine(),
        ranImage: this.#context.ranImage,
        images: request.images === false ? 'names' : 'along',
        signal,
      }),
      packFiles(project.workingDir, mountedOf(project)),
    ]);
    const packed = packDocument({
      document,
      name: `${project.name}-pack`,
      images: Object.fromEntries(
        images.map(({ service, packed: image, from }) => [
          service,
          { image, from: from === 'pack' ? ('pack' as const) : ('registry' as const) },
        ]),
      ),
      interpolated: this.#interpolated(project),
      placeOf: files.placeOf,
    });
    const checkpoints = all.filter(({ id }) => request.checkpoints?.includes(id));
    return { project, images, files, packed, checkpoints, logs: this.#span(request.aroundMs) };
  }

  /** What a file has set, and whatever of the process's own environment looks like a secret. */
  #interpolated({ environment }: Project): Readonly<Record<string, string>> {
    const own = this.#context.environment;
    return Object.fromEntries(
      Object.entries(environment).filter(
        ([name, value]) => !NOT_ASKED.test(name) && (own[name] !== value || isSecretName(name)),
      ),
    );
  }

  #span(aroundMs: number | undefined): PackView['logs'] {
    const now = this.#context.clock.now();
    const failure = aroundMs === undefined ? this.#context.lastFailure() : undefined;
    const at = aroundMs ?? failure?.at ?? now;
    const why =
      failure?.why ??
      (aroundMs === undefined ? 'the last minutes: nothing has failed' : 'the chosen minutes');
    return { sinceMs: at - BEFORE_MS, untilMs: Math.min(now, at + AFTER_MS), why };
  }

  async #gather(ready: ReadyPack, folder: string, tell: Tell, signal: AbortSignal): Promise<void> {
    for (const { id } of ready.checkpoints)
      await this.#context.exportCheckpoint(id, path.join(folder, `${id}.slipway`));
    const images = ready.images.filter(({ from }) => from === 'pack');
    if (images.length === 0) return;
    const engine = this.#context.engine();
    const total = sizeOf(images);
    const names = [...new Set(images.map(({ packed }) => packed))];
    try {
      for (const { id, packed } of images) await engine.tagImage(id ?? '', packed, { signal });
      const source = await engine.saveImages(names, { signal });
      let bytes = 0;
      const counted = async function* () {
        for await (const chunk of source) {
          bytes += chunk.length;
          tell({ text: 'images', bytes, total });
          yield chunk;
        }
      };
      await pipeline(counted(), createWriteStream(path.join(folder, IMAGES_NAME), { mode: 0o600 }), {
        signal,
      });
    } finally {
      // The names were for the pack only.
      for (const name of names) await engine.removeImage(name).catch(() => undefined);
    }
  }

  async #entries(ready: ReadyPack, folder: string, signal: AbortSignal): Promise<readonly PackEntry[]> {
    const { project, packed, files, images, checkpoints, logs } = ready;
    const manifest: PackManifest = {
      version: 1,
      project: project.name,
      createdAt: this.#context.clock.now(),
      services: images.map(({ service, packed: image, from, why }) => ({ service, image, from, why })),
      variables: packed.variables.map(({ name, uses }) => ({ name, uses: [...uses] })),
      checkpoints: checkpoints.map(({ id, name }) => ({ file: `checkpoints/${id}.slipway`, name })),
      notes: [...packed.notes, ...files.notes],
    };
    const override = await productionFiles(project.workingDir).readOverride();
    const text = await packLogs(this.#context.logs({ ...logs, signal }), packed.values);
    const mask = logMask(packed.values);
    return [
      { name: MANIFEST_NAME, text: `${JSON.stringify(manifest, undefined, 2)}\n` },
      { name: 'README.md', text: packReadme(manifest, logs.why) },
      // Already escaped by the document: only printed here.
      { name: 'compose.yaml', text: projectYaml(JSON.stringify(packed.document)).replaceAll('$$', '$') },
      ...(override === undefined
        ? []
        : [{ name: 'override.yaml', text: mask(withoutEnvironment(override)) }]),
      ...files.files.map(({ place, file }) => ({ name: place, file })),
      { name: 'logs/around.log', text },
      ...checkpoints.map(({ id }) => ({
        name: `checkpoints/${id}.slipway`,
        file: path.join(folder, `${id}.slipway`),
      })),
      ...(images.some(({ from }) => from === 'pack')
        ? [{ name: IMAGES_NAME, file: path.join(folder, IMAGES_NAME) }]
        : []),
    ];
  }
}

/** An image that several services share is stored once. */
function sizeOf(images: readonly PackedImage[]): number {
  const sizes = new Map(
    images.map(({ id, from, sizeBytes }) => [id, from === 'pack' ? (sizeBytes ?? 0) : 0]),
  );
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function mountedOf(project: Project): readonly string[] {
  const binds = Object.values(project.services).flatMap(({ volumes = [] }) =>
    volumes.flatMap(({ type, source }) => (type === 'bind' && source !== undefined ? [source] : [])),
  );
  const configs = Object.values(project.configs).flatMap(({ file }) => file ?? []);
  return [...binds, ...configs];
}

/** What the override says of variables is values. */
function withoutEnvironment(override: string): string {
  const document = parseDocument(override);
  const services = document.get('services');
  if (isMap(services))
    for (const { key } of services.items) document.deleteIn(['services', String(key), 'environment']);
  return document.toString({ lineWidth: 0 });
}

/** For the name of a file: `2026-11-28-1405`. */
function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', '-').replace(':', '');
}

function removing(folder: string) {
  return async (thrown: unknown): Promise<never> => {
    await rm(folder, { recursive: true, force: true });
    throw thrown;
  };
}
