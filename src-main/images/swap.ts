import type { AttributeOverride, ServiceOverride } from '#compose/override.ts';
import type { Service, VolumeMount } from '#compose/project.ts';
import { type DebugChoice, type DebugDecision, decideDebug } from './debugSwap.ts';
import type { ProductionContainer } from './manifest/manifest.ts';
import { maskCommand } from './maskCommand.ts';
import type { ImageConfig } from './registry/remoteImage.ts';

export interface SwapRequest {
  readonly service: string;
  readonly definition: Service;
  /** By digest: what is to run. */
  readonly image: string;
  /** What production says of it, where the swap comes from a manifest. */
  readonly container?: ProductionContainer | undefined;
  readonly config: Pick<ImageConfig, 'env' | 'workingDir' | 'entrypoint' | 'cmd'>;
  readonly keepMounts: 'drop' | 'keep';
  readonly keepCommand: 'production' | 'local';
  /** A file of values, relative to the project, where the user gave any. */
  readonly valuesFile?: string | undefined;
  /** Names of the values in it. */
  readonly given?: readonly string[] | undefined;
  readonly debug?: DebugChoice | undefined;
}

/** What is decided for one service while it runs production's image. */
export interface SwapDecision {
  readonly override: ServiceOverride;
  /** Names of the attributes that a later unswap takes away again. */
  readonly attributes: readonly string[];
  readonly notes: readonly string[];
  /** Variables that production sets and nothing here does. */
  readonly missing: readonly string[];
  /** Variables that the local files set and that are given another value for the time of the swap. */
  readonly unset: readonly string[];
  readonly debug?: DebugDecision | undefined;
}

/**
 * Production's program in the local surroundings: networks, ports, data, environment and dependencies stay as they are here;
 * what would keep the program from being production's (a source folder mounted over it, a command for development) does not.
 */
export function decideSwap(request: SwapRequest): SwapDecision {
  const notes: string[] = [];
  const debug =
    request.debug && decideDebug(request.debug, { ...request, command: effectiveCommand(request) });
  const attributes: Record<string, AttributeOverride> = {
    pull_policy: { how: 'merge', value: 'missing' },
    ...(request.definition.build === undefined ? {} : { build: { how: 'reset' } as const }),
    ...(request.keepCommand === 'local' ? {} : commands(request, notes)),
    ...(request.keepMounts === 'keep' ? {} : mounts(request, notes)),
    ...debug?.attributes,
    ...(request.valuesFile === undefined
      ? {}
      : { env_file: { how: 'merge', value: [request.valuesFile] } as const }),
  };
  const given = [...(request.given ?? []), ...(debug?.environment ? [debug.environment.name] : [])];
  const unset = [...new Set(given)].filter((name) =>
    Object.hasOwn(request.definition.environment ?? {}, name),
  );
  return {
    override: { image: request.image, attributes, unset },
    attributes: Object.keys(attributes),
    notes: [...notes, ...(debug?.notes ?? [])],
    missing: missingVariables(request),
    unset,
    debug,
  };
}

/** What will run, entrypoint first: the choice of `commands`, with the image's word where nobody else has one. */
function effectiveCommand({ definition, container, config, keepCommand }: SwapRequest): readonly string[] {
  const said =
    keepCommand === 'local'
      ? { entrypoint: definition.entrypoint ?? undefined, command: definition.command ?? undefined }
      : { entrypoint: container?.entrypoint, command: container?.command };
  // An entrypoint of one's own takes the image's command away, too.
  const command = said.command ?? (said.entrypoint === undefined ? config.cmd : []);
  return [...(said.entrypoint ?? config.entrypoint), ...command];
}

/** What production says, else what the image says; never what the local files say for development. */
function commands(request: SwapRequest, notes: string[]): Record<string, AttributeOverride> {
  const { definition, container } = request;
  const chosen: Record<string, AttributeOverride> = {};
  for (const key of ['entrypoint', 'command'] as const) {
    const there = container?.[key];
    const here = definition[key];
    if (there !== undefined) {
      chosen[key] = { how: 'replace', value: there };
      if (JSON.stringify(there) !== JSON.stringify(here))
        notes.push(`Its ${key} is production's: ${maskCommand(there)}.`);
    } else if (here !== null) {
      chosen[key] = { how: 'reset' };
      notes.push(`Its ${key} is the image's own instead of the local ${maskCommand(here)}.`);
    }
  }
  return chosen;
}

function mounts(request: SwapRequest, notes: string[]): Record<string, AttributeOverride> {
  const all = request.definition.volumes ?? [];
  const hiding = all.filter((mount) => hides(mount, request.config.workingDir));
  if (hiding.length === 0) return {};
  const targets = hiding.map(({ target }) => target).join(' and ');
  notes.push(`What is mounted at ${targets} is left out: it would hide the image's own program.`);
  return { volumes: { how: 'replace', value: all.filter((mount) => !hiding.includes(mount)) } };
}

/** A folder of the host over the program's folder or inside it, or an anonymous volume that keeps files of the local image there. */
function hides({ type, source, target = '' }: VolumeMount, workingDir: string): boolean {
  const folder = workingDir.replace(/\/+$/, '');
  const mount = target.replace(/\/+$/, '');
  if (folder === '' || mount === '') return false;
  const within = mount === folder || mount.startsWith(`${folder}/`);
  const around = folder.startsWith(`${mount}/`);
  if (type === 'bind') return within || around;
  return type === 'volume' && source === undefined && (within || around);
}

function missingVariables({ definition, container, config }: SwapRequest): readonly string[] {
  const known = new Set([...Object.keys(definition.environment ?? {}), ...config.env]);
  return (container?.env ?? []).filter((name) => !known.has(name));
}
