import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { configText, formatConfig } from '#compose/config.ts';
import { configHash } from '#compose/configHash.ts';
import { COMPOSE_FILE_NAMES } from '#compose/find.ts';
import { AppFailure } from '#contract/errors.ts';
import type { Prerequisite } from '#contract/prerequisites.ts';
import type { CoreParts } from '../coreParts.ts';
import { missingFiles } from '../prerequisites/prerequisites.ts';
import { provide } from '../prerequisites/provide.ts';
import { projectYaml } from '../projectYaml.ts';
import { requests } from '../requestBase.ts';
import { exampleValues, writeVariables } from '../variables.ts';
import type { Workspace } from '../workspace.ts';

export function projectHandlers(parts: CoreParts) {
  const { workspaces, settings } = parts;
  const sourceOf = (workspace: string) => workspaces.get(workspace).source;
  return {
    open: requests.project.open.handler(async ({ input }) => {
      const { path: folder, ...request } = input;
      const workspace = await workspaces.open({ ...request, folder });
      if (parts.options.purpose !== 'command') await remember(parts, workspace);
      return { workspace: workspace.id };
    }),
    close: requests.project.close.handler(async ({ input }) => {
      await parts.terminals.closeAll(input.workspace);
      await workspaces.close(input.workspace);
    }),
    reload: requests.project.reload.handler(({ input }) => sourceOf(input.workspace).load()),
    forget: requests.project.forget.handler(async ({ input }) => {
      await settings.forget(input.folder);
      await parts.publishSettings();
    }),
    setProfiles: requests.project.setProfiles.handler(({ input }) =>
      sourceOf(input.workspace).setProfiles(input.profiles),
    ),
    config: requests.project.config.handler(({ input }) => {
      const project = sourceOf(input.workspace).require();
      return { text: input.format === 'json' ? formatConfig(project) : projectYaml(configText(project)) };
    }),
    hashes: requests.project.hashes.handler(({ input }) => {
      const { services } = sourceOf(input.workspace).require();
      const hashes = Object.entries(services).map(([service, definition]) => ({
        service,
        hash: configHash(definition),
      }));
      return { hashes: hashes.sort((a, b) => (a.service < b.service ? -1 : 1)) };
    }),
    browse: requests.project.browse.handler(({ input }) => browse(input.path ?? parts.options.folders.home)),
    missingVariables: requests.project.missingVariables.handler(async ({ input }) => {
      const source = sourceOf(input.workspace);
      const example = await exampleValues(source.request.folder);
      const variables = source.missingVariables.map(({ name, reason }) => ({
        name,
        ...(reason === '' ? {} : { message: reason }),
        ...(example?.values[name] === undefined ? {} : { example: example.values[name] }),
      }));
      return { variables, ...(example === undefined ? {} : { exampleFile: example.file }) };
    }),
    prerequisites: requests.project.prerequisites.handler(async ({ input }) => ({
      missing: await prerequisitesOf(workspaces.get(input.workspace)),
    })),
    provide: requests.project.provide.handler(async ({ input }) => {
      const workspace = workspaces.get(input.workspace);
      const found = await prerequisitesOf(workspace);
      const prerequisite = found.find(({ id }) => id === input.id);
      if (prerequisite === undefined) return;
      const { shown, request } = workspace.source;
      const folder = shown?.workingDir ?? request.folder;
      await provide({ ...input, prerequisite, folder, engine: () => workspace.engine() });
      await workspace.source.load();
    }),
    setVariables: requests.project.setVariables.handler(async ({ input }) => {
      const source = sourceOf(input.workspace);
      await writeVariables(path.join(source.request.folder, '.env'), input.values);
      await source.load();
    }),
  };
}

/** Of files that cannot be read, the files that they lack; else what a boot lacks. */
async function prerequisitesOf({ source, stack }: Workspace): Promise<readonly Prerequisite[]> {
  return source.status.type === 'invalid' ? missingFiles(source.status.errors) : stack.prerequisites();
}

async function remember(
  { settings, options, publishSettings }: CoreParts,
  { source }: Workspace,
): Promise<void> {
  const folder = source.request.folder;
  await settings.remember({ folder, name: source.name, openedAt: options.clock.now() });
  await publishSettings();
}

/** Folders only, hidden ones left out: it is a way to a project, not a file manager. */
async function browse(folder: string) {
  const at = path.resolve(folder);
  const entries = await readdir(at, { withFileTypes: true }).catch((cause: unknown) => {
    const message = `${at} cannot be read.`;
    throw new AppFailure({ kind: 'path.missing', path: at, message }, { cause });
  });
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
  const folders = await Promise.all(
    names
      .sort((a, b) => a.localeCompare(b))
      .map(async (name) => ({
        name,
        path: path.join(at, name),
        hasCompose: await holdsCompose(path.join(at, name)),
      })),
  );
  const parent = path.dirname(at);
  const hasCompose = entries.some(({ name }) => COMPOSE_FILE_NAMES.includes(name));
  return { path: at, hasCompose, folders, ...(parent === at ? {} : { parent }) };
}

/** A folder that may not be read holds nothing that we could open. */
async function holdsCompose(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => COMPOSE_FILE_NAMES.includes(name));
}
