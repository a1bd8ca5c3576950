import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import type { DataStep } from '../data/beginSteps.ts';
import { localImage } from '../production/localSide.ts';

export interface PushBuilds {
  readonly project: Project;
  readonly services: readonly string[];
  /** `127.0.0.1:5050`. */
  readonly registry: string;
  readonly tag: string;
  readonly engine: () => Engine;
}

/** A step for each local build; the name in the registry is there only while it is pushed. Throws `notFound`, `input.invalid`. */
export function pushSteps({ project, services, registry, tag, engine }: PushBuilds): readonly DataStep[] {
  const built = Object.keys(project.services)
    .filter((name) => project.services[name]?.build !== undefined)
    .sort();
  const unknown = services.find((name) => !built.includes(name));
  if (unknown !== undefined)
    throw new AppFailure({
      kind: 'input.invalid',
      field: 'services',
      message: `${unknown} is not built here: there is nothing of ours to push.`,
    });
  if (!/^\w[\w.-]{0,127}$/.test(tag))
    throw new AppFailure({ kind: 'input.invalid', field: 'tag', message: `${tag} is no tag.` });
  const chosen = services.length === 0 ? built : services;
  return chosen.map((service) => {
    const target = `${registry}/${repositoryOf(project.name, service)}:${tag}`;
    return {
      kind: 'copy',
      label: `push ${service} as ${target}`,
      cause: 'colleagues pull it from there',
      work: async (tell, signal) => {
        const layers = new Map<string, number>();
        await engine().tagImage(localImage(project, service), target, { signal });
        try {
          await engine().pushImage({
            reference: target,
            signal,
            onProgress: ({ layer, current = 0 }) => {
              layers.set(layer, Math.max(current, layers.get(layer) ?? 0));
              tell({ text: service, bytes: [...layers.values()].reduce((sum, bytes) => sum + bytes, 0) });
            },
          });
        } finally {
          await engine()
            .removeImage(target)
            .catch(() => undefined);
        }
        return target;
      },
    };
  });
}

/** As repositories are written: small letters, digits and single separators. */
function repositoryOf(project: string, service: string): string {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
  return `${plain(project)}/${plain(service)}`;
}

/** A branch as a tag. */
export function tagOf(branch: string | undefined): string {
  const tag = (branch ?? '')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 100);
  return tag === '' ? 'latest' : tag;
}
