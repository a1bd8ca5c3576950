import { execFile } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { ensureHub } from '../hub/hub.ts';
import { type Descriptor, imageManifest, RegistryClient, sha256 } from '../hub/registryClient.ts';
import { OpenedStack } from './openedStack.ts';
import { type Figure, median, ratioOf, seconds } from './report.ts';

const LAYER_TYPE = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const CONFIG_TYPE = 'application/vnd.docker.container.image.v1+json';
const run = promisify(execFile);
const IMAGES = 3;
const LAYERS = 4;
const LAYER_MB = 16;
/** From the acceptance: a pull costs what `docker pull` costs, and asking about twenty images is no wait. */
const PULL_TARGET = 1.05;
const PREFLIGHT_IMAGES = 20;
const PREFLIGHT_TARGET_MS = 1000;

/** Images that no engine can have, pulled through Slipway and by `docker pull`, in turn; and twenty asked about at once. */
export async function pullFigures(rounds: number): Promise<Figure[]> {
  const { registry } = await ensureHub({ only: ['busybox'], standIn: 'always' });
  const names = Array.from({ length: IMAGES }, (_, index) => `${registry}/slipway-bench/pull-${index}:1`);
  const client = new RegistryClient(registry);
  for (let index = 0; index < IMAGES; index += 1) await publish(client, `slipway-bench/pull-${index}`);
  const project = `benchpull${process.pid}`;
  const services = names.map((image, index) => `  s${index}: { image: "${image}" }`).join('\n');
  const stack = await OpenedStack.open(project, `name: ${project}\nservices:\n${services}\n`);
  try {
    const pairs: { ours: number; other: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ours = async () =>
        (await stack.timed(stack.client.stack.pull({ workspace: stack.workspace }))).ms;
      // Who goes first finds a colder disk: in turn.
      const [first, second] = round % 2 === 0 ? [ours, pullByHand(names)] : [pullByHand(names), ours];
      const [one, two] = [await fresh(names, first), await fresh(names, second)];
      pairs.push(round % 2 === 0 ? { ours: one, other: two } : { ours: two, other: one });
    }
    return [pullFigure(pairs), await preflightFigure(stack, names)];
  } finally {
    await stack.dispose();
    await run('docker', ['rmi', '-f', ...names]).catch(() => undefined);
  }
}

function pullFigure(pairs: readonly { ours: number; other: number }[]): Figure {
  return {
    name: `pull of ${IMAGES} images, ${IMAGES * LAYERS * LAYER_MB} MB`,
    ours: seconds(median(pairs.map(({ ours }) => ours))),
    other: `docker pull, all at once: ${seconds(median(pairs.map(({ other }) => other)))}`,
    value: ratioOf(pairs),
    unit: '',
    target: PULL_TARGET,
  };
}

async function preflightFigure(stack: OpenedStack, names: readonly string[]): Promise<Figure> {
  await run('docker', ['rmi', '-f', ...names]).catch(() => undefined);
  const images = Array.from({ length: PREFLIGHT_IMAGES }, (_, index) => aliased(names, index));
  const began = performance.now();
  const view = await stack.client.production.preflight({ workspace: stack.workspace, images });
  const ms = performance.now() - began;
  const failed = view.images.filter(({ error }) => error !== undefined);
  if (failed.length > 0 || view.images.length !== PREFLIGHT_IMAGES) throw new Error(JSON.stringify(failed));
  const name = `preflight of ${PREFLIGHT_IMAGES} images`;
  return { name, ours: seconds(ms), other: 'loopback', value: ms, unit: 'ms', target: PREFLIGHT_TARGET_MS };
}

/** Twenty names of the images that there are: by other tags, each asked for by itself. */
function aliased(names: readonly string[], index: number): string {
  const name = names[index % names.length] ?? '';
  return index < names.length ? name : name.replace(/:1$/, `:alias-${index}`);
}

async function fresh(names: readonly string[], pull: () => Promise<number>): Promise<number> {
  await run('docker', ['rmi', '-f', ...names]).catch(() => undefined);
  return pull();
}

/** As Slipway does: all at once. */
function pullByHand(names: readonly string[]): () => Promise<number> {
  return async () => {
    const began = performance.now();
    await Promise.all(names.map((name) => run('docker', ['pull', '-q', name])));
    return performance.now() - began;
  };
}

/**
 * Layers of random bytes, put into the registry by hand: an image that was built here would leave its layers here, and nothing
 * would be pulled.
 */
async function publish(client: RegistryClient, repository: string): Promise<void> {
  const layers: { readonly descriptor: Descriptor; readonly diffId: string }[] = [];
  for (let index = 0; index < LAYERS; index += 1) {
    const tar = pack();
    tar.entry({ name: `layer-${index}` }, noise(`${repository}/${index}`, LAYER_MB * 1024 * 1024));
    tar.finalize();
    const bytes = await buffer(tar);
    const packed = gzipSync(bytes, { level: 1 });
    const digest = await client.pushBlob(repository, packed);
    layers.push({
      descriptor: { mediaType: LAYER_TYPE, digest, size: packed.length },
      diffId: sha256(bytes),
    });
  }
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      config: { Cmd: ['/none'] },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  );
  const descriptor = {
    mediaType: CONFIG_TYPE,
    digest: await client.pushBlob(repository, config),
    size: config.length,
  };
  const manifest = imageManifest(
    descriptor,
    layers.map((layer) => layer.descriptor),
  );
  const aliases = Array.from({ length: PREFLIGHT_IMAGES }, (_, index) => `alias-${index}`);
  for (const tag of ['1', ...aliases]) await client.pushManifest(repository, tag, manifest);
}

/** Bytes that cannot be made smaller, the same in every run: the registry keeps them once. */
function noise(seed: string, length: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
