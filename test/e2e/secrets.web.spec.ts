import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { test as base } from './fixtures.ts';

/** Planted where Slipway reads them: in a login, in the user's files, in production's manifest. */
const PLANTED = {
  login: 'planted-e2e-registry-password',
  local: 'planted-e2e-local-secret',
  production: 'planted-e2e-production-value',
};
const COMPOSE = `services:
  api:
    image: busybox:1
    command: [sleep, "3600"]
    environment: { API_TOKEN: "\${API_TOKEN}" }
x-slipway: { production: k8s.yaml }
`;
const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec: { template: { spec: { containers: [{ name: api, image: "busybox:1", env: [{ name: PAYMENT_KEY, value: ${PLANTED.production} }] }] } } }
`;

const test = base.extend({
  world: async ({ world }, use) => {
    const config = path.join(world.folder, 'docker');
    await mkdir(config);
    const auth = Buffer.from(`ada:${PLANTED.login}`).toString('base64');
    await writeFile(
      path.join(config, 'config.json'),
      JSON.stringify({ auths: { 'https://index.docker.io/v1/': { auth } } }),
    );
    await use({ ...world, environment: { ...world.environment, DOCKER_CONFIG: config } });
  },
});

test('the memory of the window holds no secret, and neither does what the core prints', async ({
  page,
  host,
  world,
  openProject,
}) => {
  const folder = path.join(world.folder, 'planted');
  await mkdir(folder);
  await writeFile(path.join(folder, 'compose.yaml'), COMPOSE);
  await writeFile(path.join(folder, '.env'), `API_TOKEN=${PLANTED.local}\n`);
  await writeFile(path.join(folder, 'k8s.yaml'), MANIFEST);
  await openProject(folder);
  await page.getByRole('row', { name: 'api' }).click();
  await page.keyboard.press('d');
  await expect(page.getByText('API_TOKEN')).toBeVisible();
  await page.keyboard.press('Escape');
  for (const screen of ['Production', 'Data', 'Doctor', 'Versions'])
    await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: screen }).click();
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Production' }).click();
  await expect(page.getByText(/environment.* configured differently/)).toBeVisible();

  const memory = await heapOf(page);
  // What is known to be there is found: the search itself works.
  expect(memory).toContain('PAYMENT_KEY');
  for (const [name, value] of Object.entries(PLANTED)) {
    expect(memory.includes(value), name).toBe(false);
    expect(host.errorLog().includes(value), name).toBe(false);
  }
  const login = Buffer.from(`ada:${PLANTED.login}`).toString('base64');
  expect(memory.includes(login)).toBe(false);
});

/** Every string that the page's JavaScript can reach. */
async function heapOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const parts: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => parts.push(chunk));
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return parts.join('');
}
