import type { Client } from '#client/connection.ts';
import type { StatsSample } from '#contract/requests/service.ts';
import { bootHistory, doctorFindings, pullPlan } from './bootFixture.ts';
import { advice, builds } from './buildFixture.ts';
import { switchPlan, versionMenu } from './versionsFixture.ts';

type Answer = (input: Record<string, unknown>, options: { readonly signal?: AbortSignal }) => unknown;

/** What the fixture answers; whatever is not here is noted and answered with nothing. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  'project.open': () => ({ workspace: 'shop' }),
  'project.browse': (input) => browse(String(input['path'] ?? '/home/ada')),
  'project.config': () => ({ text: 'name: shop\nservices:\n  api:\n    image: shop-api\n' }),
  'service.inspect': () => ({ json: JSON.stringify({ Id: '9c1f', State: { Status: 'running' } }, null, 2) }),
  'service.definition': () => ({ yaml: 'image: postgres:15\nports:\n  - "5432:5432"\n' }),
  'service.stats': (input, options) => stats(input['services'] as string[], options.signal),
  'builds.follow': (_, options) => builds(options.signal),
  'builds.advise': (input) => advice(String(input['service'])),
  'versions.menu': (input) => versionMenu(String(input['service'])),
  'versions.plan': (input) => switchPlan(String(input['to'])),
  'boot.history': () => bootHistory(),
  'boot.pullPlan': () => pullPlan(),
  'app.doctor': () => doctorFindings(),
  'terminal.open': (input) => ({
    id: 'session-1',
    service: input['service'],
    title: 'bash',
    kind: 'shell',
    startedAt: 0,
  }),
};

/** A client that answers from the table and tells what it was asked. */
export function answers(asked: (call: string) => void): Client {
  const call = async (path: string, input: unknown, options: { readonly signal?: AbortSignal }) => {
    asked(`${path} ${JSON.stringify(input ?? {})}`);
    return ANSWERS[path]?.((input ?? {}) as Record<string, unknown>, options);
  };
  return node([], call) as Client;
}

type Call = (path: string, input: unknown, options: { readonly signal?: AbortSignal }) => Promise<unknown>;

function node(path: readonly string[], call: Call): unknown {
  const request = (input: unknown, options: { readonly signal?: AbortSignal } = {}) =>
    call(path.join('.'), input, options);
  return new Proxy(request, { get: (_, key) => node([...path, String(key)], call) });
}

function browse(path: string) {
  const folders = ['billing', 'oss', 'shop', 'wiki'].map((name) => ({
    name,
    path: `${path}/${name}`,
    hasCompose: name !== 'oss',
  }));
  return { path, parent: '/home', hasCompose: false, folders };
}

const SHAPES = ['11211131112111', '24332542243335', '35674533456432', '13154212315421', '22232222322222'];
const MEMORY = [12e6, 88e6, 61e6, 54e6, 41e6, 9e6, 132e6];

/** A minute of the past at once, and then silence: pictures must not change. */
async function* stats(services: readonly string[], signal: AbortSignal | undefined) {
  for (let at = 0; at < 60; at += 1) {
    yield services.map((service, index): StatsSample => {
      const shape = SHAPES[index % SHAPES.length] ?? '1';
      const cpu = heightAt(shape, at / 4.6) / 22;
      return { service, at, cpu, memoryBytes: MEMORY[index % 7] ?? 1e6, memoryLimitBytes: 8e9 };
    });
  }
  await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}

/** The height of a shape between its points. */
function heightAt(shape: string, at: number): number {
  const height = (index: number) => Number(shape[index % shape.length]);
  const below = Math.floor(at);
  return height(below) + (height(below + 1) - height(below)) * (at - below);
}
