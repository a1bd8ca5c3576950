import type { Limits, ProductionContainer } from './manifest/manifest.ts';
import { maskCommand } from './maskCommand.ts';

/** A service's configuration here, as far as it is compared. No values of variables. */
export interface ConfiguredService {
  /** Names of the variables that the files set. */
  readonly env: readonly string[];
  /** Names that the local image sets by itself. */
  readonly imageEnv: readonly string[];
  readonly entrypoint?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly user?: string | undefined;
  /** `8080/tcp`: published and exposed ones, by the container's own number. */
  readonly ports: readonly string[];
  readonly limits: Limits;
}

/** One aspect in which the two sides are configured differently. */
export type ConfigDifference =
  | {
      readonly aspect: 'environment' | 'ports';
      readonly onlyHere: readonly string[];
      readonly onlyThere: readonly string[];
    }
  | {
      readonly aspect: 'entrypoint' | 'command' | 'user' | 'cpus' | 'memory';
      readonly here?: string | undefined;
      readonly there?: string | undefined;
    };

/**
 * What production says of its configuration, against here. What production does not mention is not a difference, except a
 * limit: no limit at all is one. Names only; command lines with what looks like a secret taken out.
 */
export function configDrift(
  local: ConfiguredService,
  production: ProductionContainer,
): readonly ConfigDifference[] {
  return [
    ...environment(local, production),
    ...words('entrypoint', local.entrypoint, production.entrypoint),
    ...words('command', local.command, production.command),
    ...text('user', local.user, production.user),
    ...ports(local, production),
    ...limit('cpus', local.limits.cpus, production.limits.cpus, String),
    ...limit('memory', local.limits.memoryBytes, production.limits.memoryBytes, bytes),
  ];
}

function environment(local: ConfiguredService, production: ProductionContainer): readonly ConfigDifference[] {
  const known = new Set([...local.env, ...local.imageEnv]);
  const there = new Set(production.env);
  const onlyThere = production.env.filter((name) => !known.has(name));
  // Where production hides some of its variables, a missing name is no finding.
  const onlyHere = production.envIncomplete ? [] : local.env.filter((name) => !there.has(name));
  return onlyHere.length + onlyThere.length === 0
    ? []
    : [{ aspect: 'environment', onlyHere: [...onlyHere].sort(), onlyThere }];
}

function ports(local: ConfiguredService, production: ProductionContainer): readonly ConfigDifference[] {
  if (production.ports.length === 0) return [];
  const onlyThere = production.ports.filter((port) => !local.ports.includes(port));
  const onlyHere = local.ports.filter((port) => !production.ports.includes(port));
  // A compose service serves its network on every port, said or not: only contradictions are findings.
  return local.ports.length === 0 || onlyHere.length + onlyThere.length === 0
    ? []
    : [{ aspect: 'ports', onlyHere, onlyThere }];
}

function words(
  aspect: 'entrypoint' | 'command',
  here: readonly string[] | undefined,
  there: readonly string[] | undefined,
): readonly ConfigDifference[] {
  if (JSON.stringify(here ?? []) === JSON.stringify(there ?? [])) return [];
  return [{ aspect, here: here && maskCommand(here), there: there && maskCommand(there) }];
}

function text(
  aspect: 'user',
  here: string | undefined,
  there: string | undefined,
): readonly ConfigDifference[] {
  return there === undefined || here === there ? [] : [{ aspect, here, there }];
}

function limit(
  aspect: 'cpus' | 'memory',
  here: number | undefined,
  there: number | undefined,
  say: (value: number) => string,
): readonly ConfigDifference[] {
  if (there === undefined || here === there) return [];
  return [{ aspect, here: here === undefined ? undefined : say(here), there: say(there) }];
}

/** `512 MiB`: limits are set in powers of two. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  let left = value;
  while (left >= 1024 && power < units.length - 1) {
    left /= 1024;
    power += 1;
  }
  return `${Math.round(left * 10) / 10} ${units[power]}`;
}
