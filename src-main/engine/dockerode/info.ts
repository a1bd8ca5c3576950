import { AppFailure } from '#contract/errors.ts';
import type { Cancel, Engine, EngineInfo } from '../engine.ts';
import { list, number, type Raw, record, text, texts } from './raw.ts';
import type { Transport } from './transport.ts';

/** What Slipway needs at least: Docker 20.10, podman 4. */
export const MINIMUM_API = '1.41';
/** The newest version whose answers this adapter was written against; a newer engine speaks it too. */
const NEWEST_API = '1.51';

const ABOUT = { what: 'engine', id: '' } as const;

/** Asks which versions the engine speaks and settles on one. Rejects with `engine.unreachable` or `engine.tooOld`. */
export async function negotiate(transport: Transport, options?: Cancel): Promise<Raw> {
  const version = record(
    await transport.json({
      method: 'GET',
      path: '/version',
      unversioned: true,
      about: ABOUT,
      signal: options?.signal,
    }),
  );
  const spoken = text(version['ApiVersion']);
  if (compareVersions(spoken, MINIMUM_API) < 0) throw tooOld(spoken);
  const oldest = text(version['MinAPIVersion']);
  const chosen = lower(spoken, NEWEST_API);
  transport.speak(compareVersions(oldest, chosen) > 0 ? oldest : chosen);
  return version;
}

function tooOld(apiVersion: string): AppFailure {
  return new AppFailure({
    kind: 'engine.tooOld',
    apiVersion,
    minimum: MINIMUM_API,
    message: `The engine speaks API ${apiVersion || '(unknown)'}; Slipway needs ${MINIMUM_API} or newer.`,
    hint: 'Update to Docker 20.10 or Podman 4 or newer.',
  });
}

function lower(left: string, right: string): string {
  return compareVersions(left, right) <= 0 ? left : right;
}

/** Negative when `left` is older. API versions are two numbers. */
export function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return leftMajor - rightMajor || leftMinor - rightMinor;
}

export function infoCalls(transport: Transport): Pick<Engine, 'info'> {
  return {
    async info(options) {
      // Again each time: an engine that came back may be another one.
      const version = await negotiate(transport, options);
      const ask = { method: 'GET', about: ABOUT, signal: options?.signal } as const;
      const [info, builder] = await Promise.all([
        transport.json({ ...ask, path: '/info' }),
        transport.header({ ...ask, path: '/_ping', unversioned: true }, 'builder-version'),
      ]);
      return engineInfo({ version, info: record(info), builder }, transport.endpoint.url);
    },
  };
}

/** What an engine says of itself, in three places. */
export interface EngineAnswers {
  readonly version: Raw;
  readonly info: Raw;
  /** `Builder-Version` of a ping: 1 without BuildKit, 2 with it. Docker 20.10 says it only where it was configured. */
  readonly builder: string;
}

export function engineInfo({ version, info, builder }: EngineAnswers, endpoint: string): EngineInfo {
  const product = productOf(version, info);
  return {
    product,
    version: text(version['Version']),
    apiVersion: text(version['ApiVersion']),
    endpoint,
    operatingSystem: text(info['OperatingSystem']),
    platform: platformOf(version, info),
    cpus: number(info['NCPU']),
    memoryBytes: number(info['MemTotal']),
    rootDir: text(info['DockerRootDir']),
    containers: number(info['Containers']),
    // Podman builds with buildah: it takes `version=2` and answers as the classic builder does. On Windows there is no BuildKit.
    buildkit: product !== 'Podman' && builder !== '1' && text(info['OSType']) !== 'windows',
    cgroupVersion: text(info['CgroupVersion']) || '1',
    registryMirrors: texts(record(info['RegistryConfig'])['Mirrors']),
  };
}

function productOf(version: Raw, info: Raw): string {
  const components = list(version['Components']).map((component) => text(record(component)['Name']));
  if (components.some((name) => name.startsWith('Podman'))) return 'Podman';
  const platform = text(record(version['Platform'])['Name']);
  if (platform.startsWith('Docker Desktop') || text(info['OperatingSystem']) === 'Docker Desktop')
    return 'Docker Desktop';
  return 'Docker Engine';
}

/** `/info` names the processor as `uname` does, `/version` as Go and the images do. */
function platformOf(version: Raw, info: Raw): string {
  const os = text(version['Os']) || text(info['OSType']) || 'linux';
  const architecture = text(version['Arch']) || text(info['Architecture']);
  const names: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
  return `${os}/${names[architecture] ?? architecture}`;
}
