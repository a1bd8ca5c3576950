import type { Problems } from './problems.ts';
import type { Service } from './project.ts';
import type { PlaceFinder } from './sourceMap.ts';
import { renderPath, type Step } from './treePath.ts';

/** Attributes that a single Docker engine cannot honour, and why. */
const UNSUPPORTED: readonly { readonly steps: readonly string[]; readonly why: string }[] = [
  { steps: ['deploy', 'placement'], why: 'a single engine has no other node to place it on' },
  { steps: ['deploy', 'update_config'], why: 'only a swarm rolls updates out' },
  { steps: ['deploy', 'rollback_config'], why: 'only a swarm rolls updates back' },
  { steps: ['deploy', 'endpoint_mode'], why: 'only a swarm has virtual addresses of services' },
  { steps: ['credential_spec'], why: 'it is for Windows containers' },
  { steps: ['isolation'], why: 'it is for Windows containers' },
  { steps: ['provider'], why: 'the program that provides the service is not run' },
  { steps: ['models'], why: 'the engine serves no models' },
];

/** Names what stands in the files and will have no effect: a warning each, not a silence. */
export function warnUnsupported(
  services: Readonly<Record<string, Service>>,
  { problems, placeOf }: { readonly problems: Problems; readonly placeOf: PlaceFinder },
): void {
  for (const [name, service] of Object.entries(services))
    for (const { steps, why } of UNSUPPORTED) {
      if (!has(service, steps)) continue;
      const path: Step[] = ['services', name, ...steps];
      problems.warn(
        {
          kind: 'attribute.unsupported',
          message: `${renderPath(path)} has no effect here: ${why}.`,
          path: renderPath(path),
        },
        placeOf(path),
      );
    }
}

function has(value: unknown, steps: readonly string[]): boolean {
  let at = value;
  for (const step of steps) {
    if (at === null || typeof at !== 'object') return false;
    at = (at as Record<string, unknown>)[step];
  }
  return at !== undefined && at !== null && (typeof at !== 'object' || Object.keys(at).length > 0);
}
