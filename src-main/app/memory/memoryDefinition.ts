import type { AttributeOverride } from '#compose/override.ts';
import type { Service } from '#compose/project.ts';

/** What the files say of a service's memory; absent where they say nothing. */
export interface MemoryDefinition {
  readonly limitBytes?: number | undefined;
  readonly reservedBytes?: number | undefined;
}

export function memoryDefinition({ deploy, mem_limit, mem_reservation }: Service): MemoryDefinition {
  const { limits, reservations } = deploy?.resources ?? {};
  return {
    limitBytes: positive(limits?.memory) ?? positive(mem_limit),
    reservedBytes: positive(reservations?.memory) ?? positive(mem_reservation),
  };
}

type Attributes = Readonly<Record<string, AttributeOverride | null>>;

/**
 * The override that gives a service this limit, in the words that its file uses: two words for one limit that disagree are an
 * error. The limit for memory and swap together may not be below the one for memory.
 */
export function limitOverride(service: Service, limit: number | 'none' | 'file'): Attributes {
  const long = positive(service.deploy?.resources.limits?.memory) !== undefined;
  if (limit === 'file') return { deploy: null, mem_limit: null, memswap_limit: null };
  if (limit === 'none') {
    // 0 is "no limit" to the engine, and merges over whatever the file has.
    return long
      ? { deploy: memoryOf('0') }
      : { mem_limit: { how: 'reset' }, memswap_limit: { how: 'reset' } };
  }
  const swap = positive(service.memswap_limit);
  const raised: Attributes =
    swap !== undefined && swap < limit ? { memswap_limit: { how: 'merge', value: String(limit) } } : {};
  return long
    ? { deploy: memoryOf(String(limit)), ...raised }
    : { mem_limit: { how: 'merge', value: String(limit) }, ...raised };
}

/** As a text, so that the file may have a unit. */
function memoryOf(memory: string): AttributeOverride {
  return { how: 'merge', value: { resources: { limits: { memory } } } };
}

function positive(value: unknown): number | undefined {
  const bytes = Number(value ?? 0);
  return bytes > 0 ? bytes : undefined;
}
