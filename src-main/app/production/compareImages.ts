import { AppFailure } from '#contract/errors.ts';
import type { ComparisonView, ImageSide } from '#contract/requests/production.ts';
import type { Engine } from '#engine/engine.ts';
import type { ImageDetails } from '#engine/images.ts';
import { maskCommand } from '#images/maskCommand.ts';
import { pinned, type RemoteImage } from '#images/registry/remoteImage.ts';
import { missing } from '../requestBase.ts';
import { diffFiles } from './diffFiles.ts';
import { commitsBetween } from './gitCommits.ts';

export interface CompareRequest {
  readonly left: string;
  readonly right: string;
  readonly files: 'look' | 'skip';
  readonly engine: Engine;
  readonly resolve: (image: string) => Promise<RemoteImage>;
  /** The checkout in which revisions are looked up. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** One image, from this machine or from its registry. Names of variables, never values. */
interface Facts {
  readonly side: ImageSide;
  readonly onMachine: boolean;
  /** As the engine knows it: a swap has pulled it by its digest, not by its tag. */
  readonly reference: string;
  readonly platform: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: readonly string[];
}

const REVISION = 'org.opencontainers.image.revision';

/** Two images side by side. Files are looked at when both are on this machine and one asks for it: that takes a while. */
export async function compareImages(request: CompareRequest): Promise<ComparisonView> {
  const [left, right] = await Promise.all([factsOf(request.left, request), factsOf(request.right, request)]);
  const commits = await commitsBetween(
    request.folder,
    left.side.revision,
    right.side.revision,
    request.signal,
  );
  return {
    left: left.side,
    right: right.side,
    differences: differences(left, right),
    env: apart(left.env, right.env),
    labels: {
      ...apart(Object.keys(left.labels), Object.keys(right.labels)),
      changed: Object.keys(left.labels)
        .filter((name) => Object.hasOwn(right.labels, name) && left.labels[name] !== right.labels[name])
        .sort(),
    },
    layers: sharedLayers(left.layers, right.layers),
    ...(request.files === 'look' ? { files: await filesOf(request, left, right) } : {}),
    ...(commits ? { commits } : {}),
  };
}

async function factsOf(image: string, request: CompareRequest): Promise<Facts> {
  const named = await request.engine.inspectImage(image, { signal: request.signal });
  const remote = named === undefined ? await request.resolve(image) : undefined;
  const local = named ?? (remote && (await pulledBefore(image, remote, request)));
  if (local !== undefined) {
    const { id, sizeBytes, created, labels, layers } = local;
    return {
      ...local,
      ports: local.exposedPorts,
      env: local.env.flatMap((entry) => /^[^=]+/.exec(entry)?.[0] ?? []),
      onMachine: true,
      reference: id,
      side: { image, id, sizeBytes, created, layers: layers.length, revision: labels[REVISION] },
    };
  }
  if (remote === undefined) throw missing(`image ${image}`, `There is no ${image}.`);
  const { config } = remote;
  return {
    ...config,
    platform: remote.platform,
    layers: remote.diffIds,
    onMachine: false,
    reference: image,
    side: {
      image,
      id: remote.configDigest,
      sizeBytes: remote.sizeBytes,
      created: config.created,
      layers: remote.diffIds.length,
      revision: config.labels[REVISION],
    },
  };
}

/** The same image under another name: by its digest, or by its id. */
async function pulledBefore(
  image: string,
  remote: RemoteImage,
  { engine, signal }: CompareRequest,
): Promise<ImageDetails | undefined> {
  return (
    (await engine.inspectImage(pinned(image, remote.digest), { signal })) ??
    (await engine.inspectImage(remote.configDigest, { signal }))
  );
}

function differences(left: Facts, right: Facts): ComparisonView['differences'] {
  const aspects: readonly (readonly [string, (facts: Facts) => string])[] = [
    ['platform', (facts) => facts.platform],
    ['entrypoint', (facts) => maskCommand(facts.entrypoint)],
    ['command', (facts) => maskCommand(facts.cmd)],
    ['user', (facts) => facts.user],
    ['working folder', (facts) => facts.workingDir],
    ['ports', (facts) => facts.ports.join(' ')],
    ['volumes', (facts) => facts.volumes.join(' ')],
  ];
  return aspects
    .map(([aspect, read]) => ({ aspect, left: read(left), right: read(right) }))
    .filter((entry) => entry.left !== entry.right);
}

function apart(left: readonly string[], right: readonly string[]) {
  return {
    onlyLeft: left.filter((name) => !right.includes(name)).sort(),
    onlyRight: right.filter((name) => !left.includes(name)).sort(),
  };
}

/** Layers are shared from the bottom up: one that lies on another base is another layer to the engine. */
function sharedLayers(left: readonly string[], right: readonly string[]): ComparisonView['layers'] {
  let shared = 0;
  while (shared < left.length && left[shared] !== undefined && left[shared] === right[shared]) shared += 1;
  return { shared, onlyLeft: left.length - shared, onlyRight: right.length - shared };
}

async function filesOf(request: CompareRequest, left: Facts, right: Facts) {
  const away = [left, right].find(({ onMachine }) => !onMachine);
  if (away !== undefined)
    throw new AppFailure({
      kind: 'input.invalid',
      field: 'files',
      message: `${away.side.image} is not on this machine: pull it to compare its files.`,
    });
  return diffFiles(request.engine, left.reference, right.reference, request.signal);
}
