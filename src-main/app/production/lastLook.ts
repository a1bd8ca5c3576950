import { parseImageReference } from '#base/imageReference.ts';
import type { Project } from '#compose/project.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { DriftRow, DriftView } from '#contract/requests/production.ts';
import { localImage } from './localSide.ts';

type Apart = NonNullable<ServiceRecord['apart']>;

const APART: ReadonlySet<DriftRow['state']> = new Set([
  'behind',
  'ahead',
  'differentBuild',
  'differentImage',
  'versionApart',
]);

/**
 * What was found when production was looked at last. It is not looked at unasked, since that asks registries, some of which count;
 * so what is remembered of a service counts as long as it runs the image that was compared then.
 */
export class LastLook {
  #environment: string | undefined;
  readonly #there = new Map<string, string>();
  /** By service and the image that it ran here. */
  readonly #found = new Map<string, Apart | undefined>();

  remember(project: Project, { environment, rows }: DriftView): void {
    if (environment !== this.#environment) this.#found.clear();
    this.#environment = environment;
    this.#there.clear();
    for (const { service, state, there } of rows) {
      if (service === undefined) continue;
      if (there !== undefined) this.#there.set(service, there);
      const apart = APART.has(state) && there !== undefined ? { environment, state, there } : undefined;
      this.#found.set(key(project, service), apart);
    }
  }

  /** How the service is apart from production; undefined where it is not, or nobody has looked. */
  apart(project: Project, service: string): Apart | undefined {
    return this.#found.get(key(project, service));
  }

  /** The tag that production ran for a service. */
  tag(service: string): string | undefined {
    const there = this.#there.get(service);
    return there === undefined ? undefined : parseImageReference(there)?.tag;
  }
}

function key(project: Project, service: string): string {
  return `${service}\n${localImage(project, service)}`;
}
