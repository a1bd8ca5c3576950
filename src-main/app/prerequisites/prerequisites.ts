import type { Project } from '#compose/project.ts';
import { type AppError, AppFailure } from '#contract/errors.ts';
import type { Prerequisite } from '#contract/prerequisites.ts';
import { imageNeed } from '#plan/images.ts';
import type { ReconcileInput } from '#plan/input.ts';
import { selectServices } from '#plan/select.ts';
import { missingContexts } from './missingContexts.ts';
import { missingMounts } from './missingMounts.ts';
import { fileFixes } from './missingPath.ts';
import { missingResources } from './missingResources.ts';

/** What a boot of these services counts on and does not find, all of it at once. `local`: the engine sees our files. */
export async function findPrerequisites(
  input: ReconcileInput,
  engine: { readonly local: boolean },
): Promise<Prerequisite[]> {
  const { ordered } = selectServices(input.project, input.options);
  const built = ordered.filter((name) => isToBeBuilt(input, name));
  const [mounts, contexts] = await Promise.all([
    engine.local ? missingMounts(input.project, ordered) : [],
    missingContexts(input.project, built),
  ]);
  return [...missingResources(input.project, input.observed, ordered), ...contexts, ...mounts];
}

function isToBeBuilt(input: ReconcileInput, name: string): boolean {
  return input.project.services[name]?.build !== undefined && imageNeed(input, name).type === 'build';
}

/** Files that the compose files name and cannot be read without: what is wrong with them says which. */
export async function missingFiles(errors: readonly AppError[]): Promise<Prerequisite[]> {
  const files = new Map<string, string>();
  for (const error of errors)
    if (error.kind === 'compose.invalid' && error.missingFile !== undefined && !files.has(error.missingFile))
      files.set(error.missingFile, serviceOf(error.path));
  return Promise.all(
    [...files].map(async ([file, service]) => ({
      id: `file:${file}`,
      kind: 'file' as const,
      title: `The file ${file} is not there.`,
      detail: 'The compose files take variables from it.',
      services: service === '' ? [] : [service],
      weight: 'stops' as const,
      fixes: await fileFixes(file),
    })),
  );
}

function serviceOf(path: string | undefined): string {
  return /^services\.([^.[]+)/.exec(path ?? '')?.[1] ?? '';
}

/** Throws `project.unready` with everything that a boot cannot do without. */
export function requirePrerequisites(project: Project, found: readonly Prerequisite[]): void {
  const missing = found.filter(({ weight }) => weight === 'stops');
  const [only] = missing;
  if (only === undefined) return;
  throw new AppFailure({
    kind: 'project.unready',
    missing,
    message:
      missing.length === 1
        ? only.title
        : `${missing.length} things that ${project.name} needs are not there.`,
    hint: missing.length === 1 ? only.detail : missing.map(({ title }) => title).join(' '),
  });
}
