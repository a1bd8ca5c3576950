import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project, Service } from '#compose/project.ts';
import { suggest } from '#compose/suggest.ts';
import type { Prerequisite, PrerequisiteFix } from '#contract/prerequisites.ts';
import { isRemote } from '#images/build/buildPlace.ts';
import { isFolder, isThere } from './missingPath.ts';

/** Folders that services are to be built from and that are not there, or have no Dockerfile. */
export async function missingContexts(project: Project, built: readonly string[]): Promise<Prerequisite[]> {
  const found = await Promise.all(built.map((service) => missingContext(project, service)));
  return found.filter((entry) => entry !== undefined);
}

async function missingContext(project: Project, name: string): Promise<Prerequisite | undefined> {
  const service = project.services[name];
  if (service === undefined) return undefined;
  const { context, dockerfile, dockerfile_inline } = service.build ?? {};
  if (context === undefined || isRemote(context) || !path.isAbsolute(context)) return undefined;
  if (!(await isFolder(context))) {
    const title = `The build context ${context} is not there.`;
    return noted(name, {
      title,
      detail: await whyMissing(project, context),
      fixes: await fixesFor(service, context),
    });
  }
  const file = path.resolve(context, dockerfile ?? 'Dockerfile');
  if (dockerfile_inline !== undefined || (await isThere(file)) || (await hasSmallName(context, dockerfile)))
    return undefined;
  const title = `There is no ${path.relative(project.workingDir, file)} to build ${name} from.`;
  return noted(name, { title, fixes: [...imageInstead(service), CHOOSE] });
}

const CHOOSE: PrerequisiteFix = { id: 'context', label: 'Choose the folder…', asks: 'folder' };

function noted(
  service: string,
  own: Pick<Prerequisite, 'title' | 'fixes'> & { readonly detail?: string | undefined },
): Prerequisite {
  return { id: `context:${service}`, kind: 'context', services: [service], weight: 'stops', ...own };
}

/** Docker takes the small name where the usual one is not there. */
async function hasSmallName(context: string, dockerfile: string | undefined): Promise<boolean> {
  return dockerfile === undefined && isThere(path.join(context, 'dockerfile'));
}

/** The likeliest first: a folder beside it whose name is almost the same, the image instead, any other folder. */
async function fixesFor(service: Service, context: string): Promise<PrerequisiteFix[]> {
  const near = await nearFolder(context);
  const other =
    near === undefined ? [] : [{ id: `context:${near}`, label: `Build from ${path.basename(near)}` }];
  return [...other, ...imageInstead(service), CHOOSE];
}

async function nearFolder(context: string): Promise<string | undefined> {
  const parent = path.dirname(context);
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const name = suggest(path.basename(context), folders.sort());
  return name === undefined ? undefined : path.join(parent, name);
}

function imageInstead({ image }: Service): PrerequisiteFix[] {
  return image === undefined ? [] : [{ id: 'image', label: `Use the image ${image} instead` }];
}

/** A submodule that was not fetched is the usual reason, and git says how to fetch it. */
async function whyMissing(project: Project, context: string): Promise<string | undefined> {
  const modules = await readFile(path.join(project.workingDir, '.gitmodules'), 'utf8').catch(() => '');
  const inside = path.relative(project.workingDir, context);
  const paths = [...modules.matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm)].map(([, found = '']) => found);
  const module = paths.find((entry) => inside === entry || inside.startsWith(`${entry}/`));
  return module && `It is a git submodule that was not fetched: git submodule update --init ${module}`;
}
