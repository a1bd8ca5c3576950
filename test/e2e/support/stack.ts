import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import Docker from 'dockerode';
import { canBeRemoved } from '../../support/networks.ts';
import { test as base } from '../fixtures.ts';
import { makeProject } from './project.ts';

/** How long an engine that others use too may take for what is asked here. */
const ENGINE_LIMIT_MS = 60_000;

export interface Stack {
  readonly name: string;
  readonly folder: string;
  /** Writes other services into the compose file. */
  rewrite(services: string): Promise<void>;
}

interface StackFixtures {
  /** Names of projects whose containers, networks and volumes are removed after the spec. */
  stacks: string[];
  /** Opens a stack of these services in the window. */
  openStack: (services: string) => Promise<Stack>;
}

/** The test of specs that boot stacks. */
export const test = base.extend<StackFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are needed from this pattern
  stacks: async ({}, use) => {
    const names: string[] = [];
    await use(names);
    for (const name of names) await removeStack(name);
  },
  openStack: async ({ world, openProject, page, stacks }, use) => {
    await use(async (services) => {
      const name = `e2e${randomBytes(4).toString('hex')}`;
      stacks.push(name);
      const folder = await makeProject(world, name, services);
      await expect(page.locator('#root > *').first()).toBeVisible();
      await openProject(folder);
      await expect(page.getByRole('button', { name, exact: true })).toBeVisible();
      const file = path.join(folder, 'compose.yaml');
      return { name, folder, rewrite: (next) => writeFile(file, `name: ${name}\nservices:\n${next}`) };
    });
  },
});

/** The row of a service. */
export function row(page: Page, service: string): Locator {
  return page.locator(`[data-service="${service}"]`);
}

/** What a service does, in words. */
export async function expectService(page: Page, service: string, words: string | RegExp): Promise<void> {
  await expect(row(page, service)).toContainText(words, { timeout: ENGINE_LIMIT_MS });
}

/** Presses the button at the top of the window. */
export async function press(page: Page, name: 'Boot' | 'Stop' | 'Retry' | 'Cancel'): Promise<void> {
  await page.getByRole('banner').getByRole('button', { name, exact: true }).click();
}

/** What the pane in front shows, as text. */
export function terminal(page: Page, kind: 'logs' | 'terminal'): Locator {
  return page.locator(`[data-pane="${kind}"] .xterm-rows`);
}

/** Runs a command of the palette by a few letters of its name. */
export async function runCommand(page: Page, typed: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+Shift+P');
  const field = page.getByRole('combobox', { name: 'Command' });
  await field.fill(typed);
  await field.press('Enter');
}

async function removeStack(project: string): Promise<void> {
  const docker = new Docker();
  const filters = { label: [`com.docker.compose.project=${project}`] };
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await removeContainer(docker.getContainer(Id));
  }
  const networks = { removeNetwork: (id: string) => docker.getNetwork(id).remove() };
  for (const { Id } of await docker.listNetworks({ filters })) await canBeRemoved(networks, Id);
  const { Volumes } = await docker.listVolumes({ filters });
  for (const { Name } of Volumes ?? []) await docker.getVolume(Name).remove();
}

/** Removes a container; one that the app is just removing is gone in a moment. */
async function removeContainer(container: Docker.Container): Promise<void> {
  await expect(async () => {
    try {
      await container.remove({ force: true, v: true });
    } catch (failure) {
      if ((failure as { readonly statusCode?: number }).statusCode !== 404) throw failure;
    }
  }).toPass({ timeout: ENGINE_LIMIT_MS });
}
