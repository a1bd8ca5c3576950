import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Project, Service } from '#compose/project.ts';
import type { ContainerId, ImageId, RunId, ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { Plan, Step } from '#plan/plan.ts';
import type { RunEvent } from '#run/events.ts';
import type { ProjectFacts } from './reduceService.ts';
import { RunTracker } from './runTracker.ts';
import { ServiceReducer } from './serviceReducer.ts';

const NAMES = ['db', 'api', 'web'] as const;
type Name = (typeof NAMES)[number];

const waitsFor = (name: Name, condition: 'service_started' | 'service_healthy') => ({
  depends_on: { [name]: { condition, required: true } },
});
const SERVICES: Readonly<Record<Name, Service>> = {
  db: { command: null, entrypoint: null, image: 'x' },
  api: { command: null, entrypoint: null, image: 'x', ...waitsFor('db', 'service_healthy') },
  web: { command: null, entrypoint: null, image: 'x', ...waitsFor('api', 'service_started') },
};
const PROJECT = {
  name: 'shop',
  services: SERVICES,
  disabledServices: {},
  serviceExtensions: {},
  profiles: [],
  workingDir: '/shop',
  composeFiles: ['/shop/compose.yaml'],
  sourceOf: () => undefined,
} as unknown as Project;

const NETWORK = { index: 1, kind: 'createNetwork', after: [], cause: '', body: { Name: 'shop_default' } };
const STEPS = [
  NETWORK,
  ...NAMES.flatMap((name, at) => {
    const [pull, create, start] = [3 * at + 2, 3 * at + 3, 3 * at + 4];
    const container = { type: 'existing', id: name, name };
    return [
      { index: pull, kind: 'pull', image: name, services: [name as ServiceName], after: [], cause: '' },
      { index: create, kind: 'create', service: name, after: [NETWORK.index, pull], cause: '', name },
      // The service before it is started first.
      { index: start, kind: 'start', service: name, after: [create - 2, create], cause: '', container },
    ];
  }),
] as unknown as readonly Step[];
const PLAN: Plan = { steps: STEPS, hazards: [], warnings: [] };

const RUN = { workspace: 'w' as WorkspaceId, id: 'r' as RunId };

function tracker(): RunTracker {
  const run = new RunTracker({ ...RUN, kind: 'boot', title: 'Boot', startedAt: 0 });
  run.extend(PLAN);
  return run;
}

function container(name: Name, parts: Partial<ObservedContainer>): ObservedContainer {
  const id = `${name}1` as ContainerId;
  const images = { image: 'x', imageId: 'sha256:0' as ImageId };
  const ended = { exitCode: 0, oomKilled: false, restartCount: 0, createdAt: 1, startedAt: 2 };
  const rest = { configFiles: [], dependsOn: [], labels: {}, mounts: [], networks: {}, ports: [] };
  const state = { state: 'running', health: 'none', hasHealthcheck: false, tty: false } as const;
  const place = { name: id, project: 'shop', service: name, number: 1, oneOff: false };
  return { id, ...place, ...images, ...state, ...ended, ...rest, ...parts };
}

interface World {
  readonly run: RunTracker;
  readonly facts: ProjectFacts;
}

function world(): World {
  const run = tracker();
  const observed = { containers: [], networks: [], volumes: [], images: {}, at: 0 };
  const facts = {
    workspace: RUN.workspace,
    project: PROJECT,
    observed,
    run,
    diverged: {},
    failures: {},
    cards: {},
  };
  return { run, facts };
}

type Change = (before: World) => World;

function withContainer(name: Name, parts: Partial<ObservedContainer> | undefined): Change {
  return ({ run, facts }) => {
    const others = facts.observed.containers.filter(({ service }) => service !== name);
    const containers = parts === undefined ? others : [...others, container(name, parts)];
    return { run, facts: { ...facts, observed: { ...facts.observed, containers } } };
  };
}

function withEvent(event: RunEvent): Change {
  return (before) => {
    before.run.apply(event);
    return before;
  };
}

const anyName = fc.constantFrom(...NAMES);
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(
      anyName,
      fc.option(
        fc.record({
          state: fc.constantFrom('created', 'running', 'exited'),
          health: fc.constantFrom('none', 'starting', 'healthy'),
          exitCode: fc.constantFrom(0, 1),
        }),
        { nil: undefined },
      ),
    )
    .map(([name, parts]) => withContainer(name, parts)),
  fc
    .tuple(fc.constantFrom('stepStarted', 'stepDone'), fc.integer({ min: 1, max: STEPS.length }))
    .map(([type, step]) => withEvent({ type, step, at: 5 } as RunEvent)),
  fc.tuple(anyName, fc.boolean()).map(([name, fails]): Change => {
    const error = { kind: 'internal' as const, message: 'no' };
    return ({ run, facts }) => ({
      run,
      facts: { ...facts, failures: fails ? { [name]: { error, at: 9 } } : {} },
    });
  }),
  fc.tuple(anyName, fc.option(fc.constant('image'), { nil: undefined })).map(([name, why]): Change => {
    return ({ run, facts }) => ({
      run,
      facts: { ...facts, diverged: why === undefined ? {} : { [name]: why } },
    });
  }),
  fc.constant<Change>((before) => {
    before.run.finish({ outcome: 'done' }, 10);
    return before;
  }),
);

test('after any changes the records are what they would be if they were made anew', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 30 }), (changes) => {
      const reducer = new ServiceReducer();
      let now = world();
      for (const change of changes) {
        now = change(now);
        expect(reducer.reduce(now.facts)).toEqual(new ServiceReducer().reduce(now.facts));
      }
    }),
    { numRuns: 1000 },
  );
});

test('a service of which nothing has changed keeps its record, the same object', () => {
  const reducer = new ServiceReducer();
  const before = reducer.reduce(withContainer('db', {})(world()).facts);
  const { facts } = withContainer('db', {})(world());
  const settled = reducer.reduce(facts);
  expect(settled).toEqual(before);
  const after = reducer.reduce(withContainer('web', { state: 'exited' })({ run: tracker(), facts }).facts);
  expect(after.map((record, at) => record === settled[at])).toEqual([true, true, false]);
});
