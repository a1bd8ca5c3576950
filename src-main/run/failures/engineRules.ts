import { parseImageReference } from '#base/imageReference.ts';
import { describeBytes } from '#contract/describe.ts';
import {
  type Diagnosis,
  type FailureFacts,
  fix,
  OPEN_DEFINITION,
  OPEN_LOGS,
  type Rule,
  search,
} from './facts.ts';

/** Causes that the engine or the registry names itself. */
export const ENGINE_RULES: readonly Rule[] = [
  { id: 'port.taken', diagnose: portTaken },
  { id: 'data.version', diagnose: dataOfAnotherVersion },
  { id: 'disk.full', diagnose: diskFull },
  { id: 'image.notFound', diagnose: imageNotFound },
  { id: 'image.denied', diagnose: imageDenied },
  { id: 'registry.unreachable', diagnose: registryUnreachable },
  { id: 'gpu.missing', diagnose: noGpu },
  { id: 'image.platform', diagnose: wrongPlatform },
  { id: 'path.missing', diagnose: pathMissing },
  { id: 'path.denied', diagnose: pathDenied },
  { id: 'memory', diagnose: outOfMemory },
  { id: 'build.failed', diagnose: buildFailed },
  { id: 'healthcheck.missing', diagnose: healthcheckMissing },
];

function portTaken({ error }: FailureFacts): Diagnosis | undefined {
  if (error?.kind !== 'port.inUse') return undefined;
  const { port, protocol, holder } = error;
  return {
    title: `Port ${port} is taken`,
    explanation: `${holder ?? 'Something else on this machine'} listens on ${port}/${protocol} already.`,
    fixes: [
      fix(`port.move:${port}/${protocol}`, 'Use a free port', 'primary'),
      fix(`port.stopHolder:${port}/${protocol}`, `Stop ${holder ?? 'what uses it'}`),
    ],
  };
}

/** Read before the container was started: the data is as it was. */
function dataOfAnotherVersion({ error }: FailureFacts): Diagnosis | undefined {
  if (error?.kind !== 'data.incompatible') return undefined;
  const { found, wanted, lane, message } = error;
  const back = fix('data.resume', `Go back to ${found}`, 'normal');
  const fresh = fix(
    'data.fresh',
    `Start ${wanted} empty`,
    'normal',
    `Nothing: the data of ${found} stays beside it.`,
  );
  return {
    title: `The data was written by version ${found}`,
    explanation: message,
    fixes: [
      ...(lane === undefined ? [] : [fix('data.lane', `Return to the data of ${wanted}`, 'primary')]),
      fix('data.carry', `Carry the data to ${wanted}`, lane === undefined ? 'primary' : 'normal'),
      back,
      fresh,
    ],
  };
}

function diskFull(facts: FailureFacts): Diagnosis | undefined {
  if (facts.error?.kind !== 'disk.full' && !search(facts, /no space left on device|disk quota exceeded/i))
    return undefined;
  return {
    title: 'No space left',
    explanation: "The engine's disk is full. Nothing of this project has been removed.",
    fixes: [
      fix('disk.prune', 'Remove unused images and build cache', 'primary'),
      fix('disk.show', 'Show what takes the space'),
    ],
  };
}

function imageNotFound(facts: FailureFacts): Diagnosis | undefined {
  const { error } = facts;
  const gone = error?.kind === 'engine.notFound' && error.what === 'image';
  if (error?.kind !== 'image.notFound' && !gone) return undefined;
  return {
    title: `There is no image ${facts.image}`,
    explanation: 'The registry does not know this name or tag. It may be misspelt, gone, or private.',
    fixes: [
      fix('image.today', 'Use today’s version', 'primary'),
      fix('versions.open', 'Choose another version'),
      fix(`image.login:${registryOf(facts.image)}`, 'Log in to the registry…'),
      OPEN_DEFINITION,
    ],
  };
}

function registryOf(image: string): string {
  return parseImageReference(image)?.registry ?? 'docker.io';
}

function imageDenied({ error, image }: FailureFacts): Diagnosis | undefined {
  if (error?.kind !== 'image.denied' && error?.kind !== 'image.expiredLogin') return undefined;
  const expired = error.kind === 'image.expiredLogin';
  return {
    title: expired ? `The login at ${error.registry} has expired` : `${error.registry} wants a login`,
    explanation: `${image} can only be pulled by somebody who may.`,
    fixes: [fix(`image.login:${error.registry}`, `Log in to ${error.registry}…`, 'primary')],
  };
}

const WAYS_THERE = {
  network:
    'This machine cannot reach it. Look at the network, and at a VPN or a proxy that the engine may need.',
  tls: 'Its certificate is not trusted by the engine. A registry of your own needs its authority in the settings of the engine.',
  proxy: 'The proxy of the engine refuses the way. It may want a login, or not know the host.',
  protocol: 'It does not speak what the engine expects: plain HTTP, or something that is no registry.',
} as const;

function registryUnreachable({ error, image }: FailureFacts): Diagnosis | undefined {
  if (error?.kind !== 'registry.unreachable') return undefined;
  return {
    title: `The registry ${error.registry} cannot be reached`,
    explanation: `${image} is not on this machine and has to come from there. ${WAYS_THERE[error.reason]}`,
    fixes: [
      fix('image.today', 'Use today’s version'),
      fix('versions.open', 'Choose one that is here'),
      OPEN_DEFINITION,
    ],
  };
}

function wrongPlatform(facts: FailureFacts): Diagnosis | undefined {
  const said = search(facts, /exec format error/i);
  if (facts.error?.kind !== 'image.platform' && !said) return undefined;
  const wanted = facts.error?.kind === 'image.platform' ? ` It is not made for ${facts.error.wanted}.` : '';
  const { imagePlatform: own, enginePlatform: here } = facts;
  const native = own !== undefined && here !== undefined && samePlatform(own, here);
  // An image that is mislabelled, or a script whose first line does not name its interpreter: emulation would change nothing.
  const mislabelled = native && facts.error?.kind !== 'image.platform';
  return {
    title: 'Wrong architecture',
    explanation: mislabelled
      ? `${facts.image} says that it is made for this machine (${own}), but the program that it starts is not: it was built for another kind of processor, or it is a script without a #! in its first line.`
      : `${facts.image} holds programs for another kind of processor.${wanted}`,
    fixes: [
      fix('versions.open', 'Choose another version', 'primary'),
      ...(mislabelled ? [OPEN_DEFINITION] : otherPlatform(facts, native)),
    ],
  };
}

/** Only what is known to be made for something can be run as that: of an image that could not be pulled it may not be. */
function otherPlatform({ error, imagePlatform }: FailureFacts, native: boolean): Diagnosis['fixes'] {
  const available = error?.kind === 'image.platform' ? error.available[0] : undefined;
  const platform = imagePlatform ?? available;
  if (platform === undefined && error?.kind === 'image.platform') return [];
  const id = platform === undefined ? 'platform.emulate' : `platform.emulate:${platform}`;
  return [fix(id, native ? `Run it as ${platform}` : 'Run it emulated (slow)')];
}

/** `linux/arm64/v8` and `linux/arm64` are one. */
function samePlatform(a: string, b: string): boolean {
  const kind = (platform: string) => platform.split('/').slice(0, 2).join('/');
  return kind(a) === kind(b);
}

function pathMissing({ error }: FailureFacts): Diagnosis | undefined {
  if (error?.kind !== 'path.missing') return undefined;
  return {
    title: `${error.path} does not exist`,
    explanation: 'The service mounts this path of the host, and there is nothing.',
    fixes: [fix(`path.create:${error.path}`, 'Create the folder', 'primary'), OPEN_DEFINITION],
  };
}

function pathDenied({ error }: FailureFacts): Diagnosis | undefined {
  if (error?.kind !== 'path.denied') return undefined;
  return {
    title: `${error.path} may not be read`,
    explanation: [error.message, error.hint].filter(Boolean).join(' '),
    fixes: [fix('build.again', 'Build again', 'primary'), OPEN_DEFINITION],
  };
}

/** Source: moby `daemon/create_unix.go`, `errNoDevice`: `could not select device driver "nvidia" with capabilities: [[gpu]]`. */
function noGpu(facts: FailureFacts): Diagnosis | undefined {
  const said = search(facts, /could not select device driver "([^"]*)"(?: with capabilities: (\[.*\]))?/i);
  if (said === undefined) return undefined;
  const driver = said[1] === '' ? 'one' : `the driver ${said[1]}`;
  const wanted = /gpu/i.test(said[2] ?? '') ? 'a GPU' : 'a device';
  return {
    title: `The engine has no driver for ${wanted}`,
    explanation: `The service reserves ${wanted} (deploy.resources.reservations.devices), and the engine does not have ${driver}. For NVIDIA, install the NVIDIA Container Toolkit and restart the engine; or take the reservation out in an override.`,
    fixes: [OPEN_DEFINITION],
  };
}

function outOfMemory(facts: FailureFacts): Diagnosis | undefined {
  if (facts.oomKilled !== true) return undefined;
  const { memoryLimitBytes: limit } = facts;
  return {
    title: 'Out of memory',
    explanation:
      limit === undefined
        ? 'The system killed it because there was no memory left for it.'
        : `It needed more than the ${describeBytes(limit)} that it may have.`,
    fixes: [fix('memory.double', 'Give it twice as much', 'primary'), OPEN_LOGS, OPEN_DEFINITION],
  };
}

function buildFailed({ error }: FailureFacts): Diagnosis | undefined {
  if (error?.kind !== 'build.failed') return undefined;
  return {
    title: 'The build failed',
    explanation: error.message,
    fixes: [fix('build.again', 'Build again', 'primary'), OPEN_DEFINITION],
  };
}

function healthcheckMissing({ error, service }: FailureFacts): Diagnosis | undefined {
  if (error?.kind !== 'dependency.unhealthy' || error.service !== service || error.hint === undefined)
    return undefined;
  return { title: 'It has no healthcheck', explanation: error.message, fixes: [OPEN_DEFINITION] };
}
