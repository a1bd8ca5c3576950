import { afterEach, beforeEach, expect } from 'vitest';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { eventually } from './eventually.ts';
import { canBeRemoved } from './networks.ts';

/** Every object of a test carries it, with the scope's name as its value. */
export const TEST_LABEL = 'slipway-test';

/** What a test opened or made and has not taken back. */
export interface Leaks {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  readonly handles: readonly string[];
}

export interface LeakScope {
  /** `slipway-test-<name>-<random>`: for names and projects; no other test has it. */
  readonly prefix: string;
  /** For everything that takes labels. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Connections close a moment after they were told to. */
const HANDLE_LIMIT_MS = 3_000;
/** Open handles that cost something; timers come and go with the test runner itself. */
const HANDLES = ['TCPSocketWrap', 'TCPServerWrap', 'PipeWrap', 'PipeServerWrap', 'ProcessWrap', 'FSEvent'];

/**
 * Registers the check for every test of the file: what carries the scope's prefix or label after a test is removed, and the
 * test fails. `engine` is asked late, so that it may be opened in `beforeAll`.
 */
export function failOnLeaks(name: string, engine: () => Engine): LeakScope {
  const prefix = `slipway-test-${name}-${Math.random().toString(36).slice(2, 8)}`;
  const scope = { prefix, labels: { [TEST_LABEL]: prefix } };
  let handles: readonly string[] = [];
  beforeEach(() => {
    handles = openHandles();
  });
  afterEach(async () => {
    const left = { ...(await leftBehind(engine(), scope)), handles: await newHandles(handles) };
    const kept = await removeAll(engine(), scope);
    const networks = left.networks.filter((name) => !kept.includes(name));
    expect({ ...left, networks }, 'the test leaves nothing behind').toEqual({
      containers: [],
      volumes: [],
      networks: [],
      handles: [],
    });
  });
  return scope;
}

/** What the engine has of a scope, by label or by prefix, sorted. */
export async function leftBehind(engine: Engine, scope: LeakScope): Promise<Omit<Leaks, 'handles'>> {
  const [containers, volumes, networks] = await Promise.all([
    engine.listContainers({ all: true }),
    engine.listVolumes({}),
    engine.listNetworks({}),
  ]);
  return {
    containers: namesIn(scope, containers),
    volumes: namesIn(scope, volumes),
    networks: namesIn(scope, networks),
  };
}

interface Named {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

function namesIn(scope: LeakScope, objects: readonly Named[]): string[] {
  return objects
    .filter(({ name, labels }) => name.startsWith(scope.prefix) || labels[TEST_LABEL] === scope.prefix)
    .map(({ name }) => name)
    .sort();
}

/**
 * Takes everything of a scope away; what cannot be removed is the next run's to report. Gives the networks that nothing is in and
 * that the engine keeps all the same: no test could have removed them.
 */
export async function removeAll(engine: Engine, scope: LeakScope): Promise<readonly string[]> {
  const { containers, volumes, networks } = await leftBehind(engine, scope);
  for (const name of containers) {
    await engine.removeContainer(name as ContainerId, { force: true, anonymousVolumes: true });
  }
  const refused: string[] = [];
  for (const name of networks) if (!(await canBeRemoved(engine, name))) refused.push(name);
  for (const name of volumes) await engine.removeVolume(name);
  if (refused.length === 0) return [];
  const inUse = (await engine.listContainers({ all: true })).flatMap((container) => container.networks);
  return refused.filter((name) => !inUse.includes(name));
}

function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => HANDLES.includes(kind));
}

/** Handles beyond those of before, once what closes has had time to. */
async function newHandles(before: readonly string[]): Promise<string[]> {
  let left: string[] = [];
  await eventually(
    () => {
      left = beyond(before, openHandles());
      return left.length === 0;
    },
    { limitMs: HANDLE_LIMIT_MS },
  ).catch(() => undefined);
  return left;
}

function beyond(before: readonly string[], now: readonly string[]): string[] {
  const known = [...before];
  return now.filter((kind) => {
    const index = known.indexOf(kind);
    if (index >= 0) known.splice(index, 1);
    return index < 0;
  });
}
