import { trieOf } from '../treePath.ts';
import type { Node, ScalarNode } from '../yaml/nodes.ts';

export type Cast = 'int' | 'float' | 'bool';

/** Where an interpolated text becomes a number or a truth value: the schema wants one there. */
export const CASTS = trieOf<Cast>({
  'services.*.cpu_count': 'int',
  'services.*.cpu_percent': 'float',
  'services.*.cpu_period': 'int',
  'services.*.cpu_quota': 'int',
  'services.*.cpu_rt_period': 'int',
  'services.*.cpu_rt_runtime': 'int',
  'services.*.cpus': 'float',
  'services.*.cpu_shares': 'int',
  'services.*.init': 'bool',
  'services.*.deploy.replicas': 'int',
  'services.*.deploy.update_config.parallelism': 'int',
  'services.*.deploy.update_config.max_failure_ratio': 'float',
  'services.*.deploy.rollback_config.parallelism': 'int',
  'services.*.deploy.rollback_config.max_failure_ratio': 'float',
  'services.*.deploy.restart_policy.max_attempts': 'int',
  'services.*.deploy.placement.max_replicas_per_node': 'int',
  'services.*.healthcheck.retries': 'int',
  'services.*.healthcheck.disable': 'bool',
  'services.*.oom_kill_disable': 'bool',
  'services.*.oom_score_adj': 'int',
  'services.*.pids_limit': 'int',
  'services.*.ports.*.target': 'int',
  'services.*.privileged': 'bool',
  'services.*.read_only': 'bool',
  'services.*.scale': 'int',
  'services.*.stdin_open': 'bool',
  'services.*.tty': 'bool',
  'services.*.ulimits.*': 'int',
  'services.*.ulimits.*.hard': 'int',
  'services.*.ulimits.*.soft': 'int',
  'services.*.volumes.*.read_only': 'bool',
  'services.*.volumes.*.volume.nocopy': 'bool',
  'networks.*.external': 'bool',
  'networks.*.internal': 'bool',
  'networks.*.attachable': 'bool',
  'networks.*.enable_ipv4': 'bool',
  'networks.*.enable_ipv6': 'bool',
  'volumes.*.external': 'bool',
  'secrets.*.external': 'bool',
  'configs.*.external': 'bool',
});

const INTEGER = /^[-+]?\d+$/;
const FLOAT = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const TRUTH: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  y: true,
  yes: true,
  on: true,
  n: false,
  no: false,
  off: false,
};

/** The truth value of a word, YAML 1.1's included. */
export function parseTruth(text: string): { value: boolean; yaml11: boolean } | undefined {
  const word = text.toLowerCase();
  const value = Object.hasOwn(TRUTH, word) ? TRUTH[word] : undefined;
  return value === undefined ? undefined : { value, yaml11: word !== 'true' && word !== 'false' };
}

/** The text as a scalar of the wanted type, undefined when it is none. */
export function castScalar(text: string, cast: Cast, at: Node): ScalarNode | undefined {
  const place = { kind: 'scalar', source: at.source, offset: at.offset } as const;
  switch (cast) {
    case 'int':
      return INTEGER.test(text) && Number.isSafeInteger(Number(text))
        ? { ...place, type: 'int', value: Number(text) }
        : undefined;
    case 'float':
      return FLOAT.test(text) && Number.isFinite(Number(text))
        ? { ...place, type: 'float', value: Number(text) }
        : undefined;
    case 'bool': {
      const truth = parseTruth(text);
      return truth && { ...place, type: 'bool', value: truth.value };
    }
  }
}
