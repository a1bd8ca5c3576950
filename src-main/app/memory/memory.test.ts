import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadProject } from '#compose/load.ts';
import { overrideService } from '#compose/override.ts';
import type { Project, Service } from '#compose/project.ts';
import { fileStore } from '#disk/fileStore.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import { memoryFiles } from '#support/composeFiles.ts';
import { eventually } from '#support/eventually.ts';
import { Memory, type MemoryContext } from './memory.ts';
import { limitOverride, memoryDefinition } from './memoryDefinition.ts';
import { memoryFit } from './memoryFit.ts';

const MIB = 1024 ** 2;

async function project(services: string, override?: string): Promise<Project> {
  const files = {
    '/p/compose.yaml': `services:\n${services}`,
    ...(override ? { '/p/override.yaml': override } : {}),
  };
  const loaded = await loadProject({
    workingDir: '/p',
    files: Object.keys(files),
    environment: {},
    reader: memoryFiles(files),
  });
  if (loaded.type !== 'loaded') throw new Error(loaded.errors.map(({ message }) => message).join('\n'));
  return loaded.project;
}

async function limited(service: string, limit: number | 'none' | 'file'): Promise<number | undefined> {
  const before = await project(service);
  const definition = before.services['api'] as Service;
  const override = overrideService(undefined, 'api', { attributes: limitOverride(definition, limit) });
  const after = await project(service, override);
  return memoryDefinition(after.services['api'] as Service).limitBytes;
}

const SHORT = '  api: { image: a, mem_limit: 64m, memswap_limit: 64m }\n';
const LONG = '  api: { image: a, deploy: { resources: { limits: { memory: 64M, cpus: "1" } } } }\n';
const NONE = '  api: { image: a }\n';

test('a limit must hold in whatever words the file has, with an override that compose accepts', async () => {
  for (const file of [SHORT, LONG, NONE]) expect(await limited(file, 128 * MIB)).toBe(128 * MIB);
  for (const file of [SHORT, LONG, NONE]) expect(await limited(file, 'none')).toBeUndefined();
  expect(await limited(SHORT, 'file')).toBe(64 * MIB);
});

test('what is to start must be added up from what was seen, else from what the file says', async () => {
  const loaded = await project(
    [
      '  seen: { image: a, mem_limit: 300m }',
      '  kept: { image: a, scale: 3, mem_reservation: 100m, mem_limit: 1g }',
      '  allowed: { image: a, mem_limit: 50m }',
      '  unknown: { image: a }',
      '  running: { image: a, mem_limit: 1g }',
      '',
    ].join('\n'),
  );
  const facts = {
    project: loaded,
    services: Object.keys(loaded.services),
    running: (name: string) => (name === 'running' || name === 'kept' ? 1 : 0),
    seen: (name: string) => (name === 'seen' ? 400 * MIB : undefined),
    freeBytes: 550 * MIB,
  };
  const fit = memoryFit(facts);
  expect(fit.services.map(({ service, bytes, from }) => `${service} ${bytes / MIB} ${from}`)).toEqual([
    'seen 300 seen',
    'kept 200 reservation',
    'allowed 50 limit',
  ]);
  expect([fit.type, fit.neededBytes / MIB]).toEqual(['fits', 550]);
  expect(memoryFit({ ...facts, freeBytes: 549 * MIB }).type).toBe('short');
});

test('what another process has seen and done is known here, and neither writes over the other', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-memory-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const loaded = await project('  api: { image: a }\n  db: { image: b }\n');
  const containers = [{ id: 'c1', service: 'api', configHash: 'made' } as ObservedContainer];
  const open = async () => {
    let changes = 0;
    const memory = new Memory({
      source: { require: () => loaded, shown: loaded } as MemoryContext['source'],
      engine: () => {
        throw new Error('nobody asks for an engine');
      },
      replicas: (service) => containers.filter((container) => container.service === service),
      oomKills: () => 0,
      freeBytes: () => 0,
      store: fileStore(folder),
      role: 'listens',
      changed: () => changes++,
    });
    await memory.start();
    onTestFinished(() => memory.dispose());
    return { memory, changes: () => changes };
  };
  const [window, command] = [await open(), await open()];
  await window.memory.note('api', 50 * MIB);
  await command.memory.note('db', 70 * MIB);
  const text = await fileStore(folder).read('memory.json');
  expect(JSON.parse(text ?? '')).toEqual({ peaks: { api: 50 * MIB, db: 70 * MIB }, applied: {} });
  await fileStore(folder).update('memory.json', () => '{"peaks":{},"applied":{"c1":"limited"}}');
  await eventually(() => window.memory.withApplied(containers)[0]?.configHash === 'limited');
  expect(window.changes()).toBe(1);
  await window.memory.note('api', 90 * MIB);
  expect(JSON.parse((await fileStore(folder).read('memory.json')) ?? '').applied).toEqual({ c1: 'limited' });
});

test('what two looks at one change have found must be told once', async () => {
  const loaded = await project('  api: { image: a }\n');
  const hear: (() => void)[] = [];
  let text = '{}';
  let changes = 0;
  const memory = new Memory({
    source: { require: () => loaded, shown: loaded } as MemoryContext['source'],
    engine: () => {
      throw new Error('nobody asks for an engine');
    },
    replicas: () => [],
    oomKills: () => 0,
    freeBytes: () => 0,
    store: {
      read: async () => text,
      update: async (_name, change) => {
        text = change(text);
      },
      watch: (_name, listener) => {
        hear.push(listener);
        return { dispose: () => {} };
      },
    },
    role: 'listens',
    changed: () => changes++,
  });
  await memory.start();
  text = '{"applied":{"c1":"limited"}}';
  const [look] = hear;
  look?.();
  look?.();
  await eventually(() => memory.applied['c1'] === 'limited');
  await new Promise(setImmediate);
  expect(changes).toBe(1);
});

test('figures go on where what was seen cannot be kept', async () => {
  const loaded = await project('  api: { image: a }\n');
  const memory = new Memory({
    source: { require: () => loaded, shown: loaded } as MemoryContext['source'],
    engine: () => {
      throw new Error('nobody asks for an engine');
    },
    replicas: () => [],
    oomKills: () => 0,
    freeBytes: () => 100 * MIB,
    store: {
      read: async () => undefined,
      update: async () => {
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
      watch: () => ({ dispose: () => undefined }),
    },
    role: 'reads',
    changed: () => undefined,
  });
  await memory.note('api', 50 * MIB);
  expect(memory.fit(['api']).neededBytes).toBe(50 * MIB);
});
