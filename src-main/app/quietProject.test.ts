import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { LABELS } from '#compose/labels.ts';
import type { RecordKey, WorkspaceRecord } from '#contract/model.ts';
import { storedLines } from '#streams/storedLines.ts';
import { eventually } from '#support/eventually.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { type Core, createCore } from './core.ts';
import { systemOptions } from './hostOptions.ts';

let root: string;
let fake: FakeEngine;
let core: Core;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'slipway-quiet-'));
  fake = new FakeEngine({ clock: systemClock, images: ['busybox'] });
  const folders = { home: root, config: `${root}/c`, state: `${root}/s`, cache: `${root}/k` };
  // Closing the fake cuts its streams with an error that nobody waits for any more.
  const engine = { ...fake.engine, close: async () => undefined };
  core = createCore(systemOptions({ connectEngine: async () => engine, folders, environment: {} }));
});
afterEach(async () => {
  await core.dispose();
  await rm(root, { recursive: true, force: true });
});

async function open(name: string): Promise<string> {
  const folder = path.join(root, name);
  await mkdir(folder);
  await writeFile(path.join(folder, 'compose.yaml'), 'services: {api: {image: busybox}}\n');
  const client = createRouterClient(core.router, { context: {} });
  const { workspace } = await client.project.open({ path: folder });
  await eventually(
    () => (core.feed.get(`workspace:${workspace}` as RecordKey) as WorkspaceRecord | undefined)?.live,
  );
  return workspace;
}

/** A container of the project that has said something, and says nothing more. */
async function ranOnce(project: string): Promise<void> {
  fake.script({ image: 'busybox' }, { output: [{ atMs: 0, text: 'said once\n' }] });
  const Labels = {
    [LABELS.project]: project,
    [LABELS.service]: 'api',
    [LABELS.configHash]: 'h',
    [LABELS.containerNumber]: '1',
    [LABELS.oneOff]: 'False',
  };
  const { id } = await fake.engine.createContainer({
    name: `${project}-api-1`,
    body: { Image: 'busybox', Labels },
  });
  await fake.engine.startContainer(id);
}

async function lines(workspace: string): Promise<string[]> {
  const { store } = await core.workspaces.get(workspace).logs.reading();
  const found: string[] = [];
  for await (const { text } of storedLines(store, { services: ['api'] })) found.push(String(text));
  return found;
}

it('collects what a project has said that was known before it was opened, and in which nothing changes', async () => {
  await ranOnce('quiet');
  // From here on the engine is observed, and no event of the project comes any more.
  await open('another');
  const workspace = await open('quiet');
  await eventually(async () => (await lines(workspace)).includes('said once'));
  expect(await lines(workspace)).toContain('said once');
});
