import { ensureEngine, hasMirror, stopEngine } from '../../scripts/engine/engine.ts';
import { type EngineFacts, findEngine } from '../../scripts/engine/findEngine.ts';
import { installPackages } from '../../scripts/engine/installPackages.ts';
import { withLock } from '../../scripts/engine/withLock.ts';
import { forgetPackages } from './apt.ts';
import { Builder, type Served } from './build.ts';
import { selectRecipes } from './catalogue.ts';
import { PRIVATE_SOURCE, publishPrivateImages } from './privateImages.ts';
import type { Recipe } from './recipe.ts';
import { PRIVATE_REGISTRY, PUBLIC_REGISTRY, startRegistries, stopRegistries } from './registries.ts';
import { RegistryClient } from './registryClient.ts';

export interface EnsureHubOptions {
  /** The images that must be there, such as `postgres:15`, or `postgres` for all its versions; default: all. */
  readonly only?: readonly string[];
  readonly log?: (line: string) => void;
  /** When the real Docker Hub answers nothing has to stand in for it; `always` does so all the same. */
  readonly standIn?: 'when needed' | 'always';
}

/** What a test may rely on once the hub is up. */
export interface HubInfo {
  readonly engine: EngineFacts;
  /** Where images come from. With `docker-hub` nothing was built, and neither registry below was started. */
  readonly source: 'stand-in' | 'docker-hub';
  /** The mirror, `host:port`. Anyone may push to it. */
  readonly registry: string;
  /** The registry that wants a login. */
  readonly privateRegistry: { readonly host: string; readonly username: string; readonly password: string };
  readonly served: readonly Served[];
}

const REGISTRIES = { registry: PUBLIC_REGISTRY, privateRegistry: PRIVATE_REGISTRY } as const;

/** The address the engine knows the hub by. */
export const MIRROR = `http://${PUBLIC_REGISTRY}`;

/** At once: two cores, and unpacking waits for the network and the disk half of the time. */
const PARALLEL_BUILDS = 2;

/**
 * Makes sure that an engine, both registries and the images are there: starts, installs and builds what is missing,
 * and does nothing the second time. Safe to call from several processes at once.
 */
export async function ensureHub(options: EnsureHubOptions = {}): Promise<HubInfo> {
  const log = options.log ?? (() => {});
  const recipes = selectRecipes(options.only);
  if (options.standIn !== 'always' && (await dockerHubServes())) {
    return { engine: await ensureEngine({ log }), source: 'docker-hub', ...REGISTRIES, served: [] };
  }
  const engine = await ensureEngine({ mirror: MIRROR, log });
  await withLock({ name: 'hub-registries' }, () => startRegistries(log));
  const served = await ensureImages(recipes, log);
  if (served.some(({ recipe }) => recipe.id === PRIVATE_SOURCE)) await publishPrivateImages();
  return { engine, source: 'stand-in', ...REGISTRIES, served };
}

/** Ends the registries, and the engine when these scripts started it. The images stay in the cache. */
export async function stopHub(): Promise<{ readonly engine: 'stopped' | 'not ours' }> {
  await stopRegistries();
  return { engine: await stopEngine() };
}

/** Whether images come from the real Docker Hub here, so that nothing has to stand in for it. */
async function dockerHubServes(): Promise<boolean> {
  const engine = await findEngine();
  if (engine !== undefined && hasMirror(engine, MIRROR)) return false;
  try {
    const response = await fetch('https://registry-1.docker.io/v2/', { signal: AbortSignal.timeout(3_000) });
    await response.body?.cancel();
    return response.headers.get('docker-distribution-api-version') === 'registry/2.0';
  } catch {
    return false; // no way there
  }
}

async function ensureImages(recipes: readonly Recipe[], log: (line: string) => void): Promise<Served[]> {
  const builder = new Builder(new RegistryClient(PUBLIC_REGISTRY));
  const known = await Promise.all(recipes.map((recipe) => builder.served(recipe)));
  const missing = recipes.filter((_, index) => known[index] === undefined);
  const present = known.filter((served) => served !== undefined);
  if (missing.length === 0) return present;
  const onWait = (holder: number) => log(`Waiting for process ${holder}, which is building images.`);
  return await withLock({ name: 'hub-build', onWait }, async () => {
    installPackages([{ command: 'mmdebstrap', package: 'mmdebstrap' }], log);
    const built = await buildAll(builder, missing, log);
    forgetPackages();
    return [...present, ...built];
  });
}

async function buildAll(
  builder: Builder,
  recipes: readonly Recipe[],
  log: (line: string) => void,
): Promise<Served[]> {
  const queue = [...recipes];
  const served: Served[] = [];
  const failures: string[] = [];
  let finished = 0;
  const worker = async () => {
    for (let recipe = queue.shift(); recipe !== undefined; recipe = queue.shift()) {
      const start = Date.now();
      try {
        // Somebody else may have built it while we waited for the lock.
        const done = (await builder.served(recipe)) ?? (await builder.build(recipe));
        served.push(done);
        log(
          `[${++finished}/${recipes.length}] ${recipe.id}  ${done.version}  ${((Date.now() - start) / 1000).toFixed(1)} s`,
        );
      } catch (thrown) {
        failures.push(`${recipe.id}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        log(`[${++finished}/${recipes.length}] ${recipe.id}  FAILED`);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_BUILDS }, worker));
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${recipes.length} images failed.\n\n${failures.join('\n\n')}`);
  return served;
}
