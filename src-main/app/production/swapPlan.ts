import { parseImageReference } from '#base/imageReference.ts';
import type { Project, Service } from '#compose/project.ts';
import { unknownService } from '#compose/unknownService.ts';
import { describeBytes } from '#contract/describe.ts';
import { AppFailure } from '#contract/errors.ts';
import type { SwapPlanView } from '#contract/requests/production.ts';
import type { Engine } from '#engine/engine.ts';
import type { ImageDetails } from '#engine/images.ts';
import { debuggerOf, likelyDebugger } from '#images/debuggers.ts';
import type { DebugChoice } from '#images/debugSwap.ts';
import { shortImage } from '#images/drift.ts';
import type { ProductionContainer } from '#images/manifest/manifest.ts';
import { bytesOnce } from '#images/registry/layersHere.ts';
import { pinned, type RemoteImage } from '#images/registry/remoteImage.ts';
import { decideSwap, type SwapDecision } from '#images/swap.ts';
import { parseVersion } from '#middleware/version.ts';
import { layersOfEngine } from '../layersOfEngine.ts';
import { middlewareOf } from '../middlewareOf.ts';
import { localImage } from './localSide.ts';
import { freeBytes } from './preflightReport.ts';
import { valuesFileOf } from './productionFiles.ts';

/** Long enough for a hunt, short enough that nobody wonders tomorrow why it behaves so. */
export const DEFAULT_LEASE_MS = 2 * 60 * 60 * 1000;

export interface SwapTarget {
  readonly service: string;
  /** As it was asked for or as production writes it. */
  readonly shownImage: string;
  /** What the registry is asked for. */
  readonly wanted: string;
  readonly container?: ProductionContainer | undefined;
  readonly keepMounts?: boolean | undefined;
  readonly keepCommand?: boolean | undefined;
}

export interface ReadySwap {
  readonly service: string;
  readonly shownImage: string;
  /** By digest. */
  readonly image: string;
  readonly onMachine: boolean;
  readonly remote?: RemoteImage | undefined;
  /** What the pull has to move: layers that are here already are not pulled again. */
  readonly downloadBytes: number;
  readonly decision: SwapDecision;
  readonly debug?: DebugChoice | undefined;
}

/** Everything that a swap needs, found out before anything is touched. Rejects with what stands in its way. */
export async function prepareSwap(request: {
  readonly project: Project;
  readonly target: SwapTarget;
  readonly engine: Engine;
  readonly resolve: (image: string) => Promise<RemoteImage>;
  /** Names of the values that are given. */
  readonly given: readonly string[];
  readonly debug?: DebugChoice | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<ReadySwap> {
  const { project, target, engine, signal } = request;
  const definition = project.services[target.service];
  if (definition === undefined) throw unknownService(project, target.service);
  refuseData(project, target, definition);
  const here = await alreadyHere(engine, target.wanted, signal);
  // A digest that is on this machine needs no registry: production can be debugged in a train.
  const remote = here === undefined ? await request.resolve(target.wanted) : undefined;
  const image = remote ? pinned(target.wanted, remote.digest) : target.wanted;
  const config = remote?.config ?? localConfig(here);
  const onMachine = here !== undefined || (await engine.inspectImage(image, { signal })) !== undefined;
  const downloadBytes =
    remote === undefined || onMachine
      ? 0
      : bytesOnce((await layersOfEngine(engine, signal)).missingOf(remote));
  await requireSpace(engine, { image, downloadBytes }, signal);
  const decision = decideSwap({
    service: target.service,
    definition,
    image,
    container: target.container,
    config,
    keepMounts: target.keepMounts ? 'keep' : 'drop',
    keepCommand: target.keepCommand ? 'local' : 'production',
    valuesFile: withValues(request) ? valuesFileOf(target.service) : undefined,
    given: request.given,
    debug: request.debug,
  });
  const { service, shownImage } = target;
  return { service, shownImage, image, onMachine, remote, downloadBytes, decision, debug: request.debug };
}

/**
 * No other version may touch data of this one (law 1): a database changes its version by the switch, which gives it a volume of
 * its own.
 */
function refuseData(project: Project, target: SwapTarget, definition: Service): void {
  const found = middlewareOf(project, target.service);
  const data = found?.profile.data;
  if (found === undefined || data === undefined) return;
  const tag = parseImageReference(target.shownImage)?.tag;
  const version = tag === undefined ? undefined : parseVersion(tag);
  const [here, there] = [found.version && data.lane(found.version), version && data.lane(version)];
  if (here !== undefined && here === there) return;
  throw new AppFailure({
    kind: 'data.incompatible',
    service: target.service,
    found: definition.image ?? localImage(project, target.service),
    wanted: target.shownImage,
    message: `${target.shownImage} may not open the data of ${shortImage(definition.image ?? '')}.`,
    hint:
      tag === undefined
        ? 'Switch its version instead: that keeps the data safe.'
        : `slipway switch ${target.service} ${tag} takes the data along and keeps the old.`,
  });
}

async function alreadyHere(
  engine: Engine,
  wanted: string,
  signal: AbortSignal | undefined,
): Promise<ImageDetails | undefined> {
  if (parseImageReference(wanted)?.digest === undefined) return undefined;
  return engine.inspectImage(wanted, { signal });
}

function localConfig(image: ImageDetails | undefined) {
  const env = (image?.env ?? []).flatMap((entry) => /^[^=]+/.exec(entry)?.[0] ?? []);
  const { workingDir = '', entrypoint = [], cmd = [] } = image ?? {};
  return { env, workingDir, entrypoint, cmd };
}

/** Layers arrive compressed and are unpacked beside what arrived: about three times as much in all. */
const UNPACKED = 3;

/** Before anything is pulled: a disk that runs full in the middle takes more with it than the pull. */
async function requireSpace(
  engine: Engine,
  { image, downloadBytes }: { readonly image: string; readonly downloadBytes: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  if (downloadBytes === 0) return;
  const info = await engine.info({ signal });
  const free = await freeBytes(info);
  if (free === undefined || free > downloadBytes * UNPACKED) return;
  throw new AppFailure({
    kind: 'disk.full',
    where: info.rootDir,
    message: `${image} needs about ${describeBytes(downloadBytes * UNPACKED)}, and ${describeBytes(free)} are free in ${info.rootDir}.`,
    hint: 'Make room there first; nothing has been pulled.',
  });
}

/** A debugger may have a variable of its own. */
function withValues({
  given,
  debug,
}: {
  readonly given: readonly string[];
  readonly debug?: DebugChoice | undefined;
}): boolean {
  const tool = debug?.debugger && debuggerOf(debug.debugger.id);
  return given.length > 0 || tool?.environment !== undefined;
}

function commandOf({ entrypoint, cmd }: RemoteImage['config']): readonly string[] {
  return [...entrypoint, ...cmd].filter((word) => !word.endsWith('docker-entrypoint.sh'));
}

/** For a person to read before it runs. */
export function swapPlanView(ready: ReadySwap, project: Project, leaseMs: number | undefined): SwapPlanView {
  const { service, shownImage, image, decision } = ready;
  const from = localImage(project, service);
  const built = project.services[service]?.build !== undefined;
  return {
    service,
    fromImage: built ? 'built here' : from,
    toImage: image,
    shownImage,
    onMachine: ready.onMachine,
    downloadBytes: ready.downloadBytes,
    steps: [
      ...(ready.onMachine ? [] : [{ label: `pull ${image}`, cause: 'it is not on this machine' }]),
      { label: `write ${service}'s image into .slipway/override.yaml`, cause: 'your files stay as they are' },
      { label: `replace the container of ${service}`, cause: 'it is to run the production image' },
      { label: `wait until ${service} is ready`, cause: 'as at a boot' },
    ],
    notes: decision.notes,
    missing: decision.missing,
    valuesFile: valuesFileOf(service),
    variables: Object.keys(project.services[service]?.environment ?? {}).sort(),
    likelyDebugger: likelyDebugger(ready.remote ? commandOf(ready.remote.config) : []),
    leaseMs: leaseMs ?? DEFAULT_LEASE_MS,
    undo: `slipway unswap ${service} puts ${built ? 'the local build' : shortImage(from)} back, untouched.`,
  };
}
