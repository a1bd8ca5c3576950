import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { docker } from '../cli/runCli.ts';
import { TestRegistry } from './testRegistry.ts';

const STACK = path.join(import.meta.dirname, 'stack');

/** A "production" of the test stack: two releases of its api in a registry of their own, and manifests that name them. */
export class Releases {
  readonly registry: TestRegistry;
  /** A folder with the stack, its manifests filled in. */
  readonly source: string;
  readonly #tags: readonly string[];

  private constructor(registry: TestRegistry, source: string, tags: readonly string[]) {
    this.registry = registry;
    this.source = source;
    this.#tags = tags;
  }

  static async publish(tags: readonly string[] = ['2', '3']): Promise<Releases> {
    const registry = await TestRegistry.start();
    const source = path.join(await mkdtemp(path.join(os.tmpdir(), 'slipway-production-')), 'prod');
    await cp(STACK, source, { recursive: true });
    for (const tag of tags) await publish(registry, tag);
    for (const name of ['k8s.yaml', 'compose.yaml', 'tasks.json'])
      await fill(registry, path.join(source, 'deploy', name));
    return new Releases(registry, source, tags);
  }

  /** By digest, as a swap runs it. */
  image(tag: string): string {
    return `${this.registry.host}/acme/api@${this.registry.digestOf('acme/api', tag)}`;
  }

  async dispose(): Promise<void> {
    // Swaps pull by digest: such an image has no tag to be removed by.
    for (const tag of this.#tags) await docker('rmi', '-f', this.image(tag));
    await this.registry.stop();
    await rm(path.dirname(this.source), { recursive: true, force: true });
  }
}

/** A release as production has it: the same program, another /release. Not on this machine afterwards. */
async function publish(registry: TestRegistry, tag: string): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-release-'));
  await cp(path.join(STACK, 'api'), folder, { recursive: true });
  await writeFile(path.join(folder, 'release'), `production-${tag}\n`);
  const image = `${registry.host}/acme/api:${tag}`;
  const built = await docker('build', '-q', '-t', image, folder);
  if (built.status !== 0) throw new Error(built.stderr);
  const pushed = await docker('push', '-q', image);
  if (pushed.status !== 0) throw new Error(pushed.stderr);
  await docker('rmi', image);
  await rm(folder, { recursive: true, force: true });
}

async function fill(registry: TestRegistry, file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const filled = text
    .replaceAll('REGISTRY', registry.host)
    .replace('DIGEST', registry.digestOf('acme/api', '2'));
  await writeFile(file, filled);
}
