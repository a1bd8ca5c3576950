import { describe, expect, test } from 'vitest';
import { MIGRATION, WEB_AND_DB } from '#support/planStacks.ts';
import { booted, lines, projectOf, withContainer } from '#support/planWorld.ts';
import { formatPlan } from './formatPlan.ts';
import { planRestart } from './restart.ts';
import { planDown, planStop } from './teardown.ts';

describe('a stop', () => {
  test('stops dependents before what they depend on', async () => {
    const project = await projectOf(WEB_AND_DB);
    expect(formatPlan(planStop({ project, observed: booted(project) }))).toBe(
      lines(
        '[] -> #1 stopContainer shop-web-1, stop was asked for',
        '[1] -> #2 stopContainer shop-db-1, stop was asked for',
      ),
    );
  });

  test('of one service leaves its dependents alone', async () => {
    const project = await projectOf(WEB_AND_DB);
    expect(formatPlan(planStop({ project, observed: booted(project), services: ['db'] }))).toBe(
      '[] -> #1 stopContainer shop-db-1, stop was asked for',
    );
  });

  test('of a service that is none fails', async () => {
    const project = await projectOf(WEB_AND_DB);
    const stop = () => planStop({ project, observed: booted(project), services: ['bd'] });
    expect(stop).toThrow('There is no service bd in shop.');
  });

  test('leaves alone what has ended', async () => {
    const project = await projectOf(MIGRATION);
    expect(formatPlan(planStop({ project, observed: booted(project) }))).toBe(
      '[] -> #1 stopContainer shop-api-1, stop was asked for',
    );
  });

  test('runs pre_stop hooks first, in a container that runs', async () => {
    const project = await projectOf(
      '{name: shop, services: {a: {image: busybox, network_mode: none, pre_stop: [{command: [bye]}]}}}',
    );
    const observed = booted(project);
    expect(formatPlan(planStop({ project, observed }))).toBe(
      lines(
        '[] -> #1 hook shop-a-1 preStop, it has a pre_stop hook',
        '[1] -> #2 stopContainer shop-a-1, stop was asked for',
      ),
    );
    const paused = withContainer(observed, 'a', { state: 'paused' });
    expect(formatPlan(planStop({ project, observed: paused }))).toBe(
      '[] -> #1 stopContainer shop-a-1, stop was asked for',
    );
  });

  test('waits as long as the file says', async () => {
    const project = await projectOf(
      '{name: shop, services: {a: {image: busybox, network_mode: none, stop_grace_period: 1m30s}}}',
    );
    const [step] = planStop({ project, observed: booted(project) }).steps;
    expect(step).toMatchObject({ kind: 'stop', graceSeconds: 90 });
  });

  test.each([
    ['stop_signal: SIGKILL', true],
    ['stop_signal: kill', true],
    ['stop_signal: "9"', true],
    ['stop_grace_period: 0s', true],
    ['stop_signal: SIGINT', undefined],
    ['stop_grace_period: 1s', undefined],
  ])('with %s, ends at once: %s', async (setting, atOnce) => {
    const project = await projectOf(
      `{name: shop, services: {a: {image: busybox, network_mode: none, ${setting}}}}`,
    );
    const [step] = planStop({ project, observed: booted(project) }).steps;
    expect(step?.kind === 'stop' && step.atOnce).toBe(atOnce);
  });

  test('of many that each depend on all before them takes no time', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
    const services = names.map(
      (name, index) => `  ${name}: {image: busybox, depends_on: [${names.slice(0, index).join(', ')}]}`,
    );
    const project = await projectOf(`name: shop\nservices:\n${services.join('\n')}\n`);
    const { steps } = planStop({ project, observed: booted(project) });
    expect(steps.map((step) => 'service' in step && step.service)).toEqual(names.reverse());
  });

  test('of services that depend on each other by their labels only keeps their order', async () => {
    const project = await projectOf(WEB_AND_DB);
    const observed = booted(project);
    const [, web] = observed.containers;
    if (web === undefined) throw new Error('nothing was booted');
    const dependsOn = [{ service: 'web', condition: 'service_started', restart: false }];
    const orphan = { ...web, id: 'f'.repeat(64) as never, service: 'old', name: 'shop-old-1', dependsOn };
    const containers = [...observed.containers, orphan];
    expect(formatPlan(planStop({ project, observed: { ...observed, containers } }))).toBe(
      lines(
        '[] -> #1 stopContainer shop-old-1, stop was asked for',
        '[1] -> #2 stopContainer shop-web-1, stop was asked for',
        '[2] -> #3 stopContainer shop-db-1, stop was asked for',
      ),
    );
  });
});

describe('a down', () => {
  test('removes containers and networks and keeps volumes', async () => {
    const project = await projectOf(WEB_AND_DB);
    const plan = planDown({ project, observed: booted(project), volumes: 'keep', orphans: 'keep' });
    expect(formatPlan(plan)).toBe(
      lines(
        '[] -> #1 stopContainer shop-web-1, stop was asked for',
        '[1] -> #2 stopContainer shop-db-1, stop was asked for',
        '[2] -> #3 removeContainer shop-db-1, down',
        '[1] -> #4 removeContainer shop-web-1, down',
        '[3,4] -> #5 removeNetwork shop_default, down',
      ),
    );
  });

  test('with volumes names each as a hazard that wants a consent', async () => {
    const project = await projectOf(WEB_AND_DB);
    const plan = planDown({ project, observed: booted(project), volumes: 'remove', orphans: 'keep' });
    expect(plan.steps.at(-1)).toMatchObject({ kind: 'removeVolume', name: 'shop_data' });
    expect(plan.hazards).toEqual([
      expect.objectContaining({ id: 'remove-volume:shop_data', severity: 'loses-data' }),
    ]);
  });

  test('never touches what is external or another project’s', async () => {
    const project = await projectOf(`
name: shop
services: {a: {image: busybox, networks: [theirs], volumes: ["data:/d"]}}
networks: {theirs: {external: true}}
volumes: {data: {external: true}}
`);
    const foreign = { labels: {}, driver: 'x', options: {} };
    const before = {
      ...booted(project, {
        containers: [],
        networks: [{ id: 'n', name: 'theirs', project: 'shop', ...foreign }],
        volumes: [
          { name: 'data', project: 'shop', ...foreign },
          { name: 'else', project: 'other', ...foreign },
        ],
        images: {},
        at: 0,
      }),
    };
    const plan = planDown({ project, observed: before, volumes: 'remove', orphans: 'remove' });
    expect(plan.steps.map((step) => step.kind)).toEqual(['stop', 'remove']);
    expect(plan.hazards).toEqual([]);
  });

  test('of one service keeps the network for the others', async () => {
    const project = await projectOf(WEB_AND_DB);
    const plan = planDown({
      project,
      observed: booted(project),
      services: ['web'],
      volumes: 'keep',
      orphans: 'keep',
    });
    expect(formatPlan(plan)).toBe(
      lines(
        '[] -> #1 stopContainer shop-web-1, stop was asked for',
        '[1] -> #2 removeContainer shop-web-1, down',
      ),
    );
  });
});

describe('a restart', () => {
  test('goes in the order of dependencies and leaves finished one-shots alone', async () => {
    const project = await projectOf(WEB_AND_DB);
    expect(formatPlan(planRestart({ project, observed: booted(project) }))).toBe(
      lines(
        '[] -> #1 restartContainer shop-db-1, restart was asked for',
        '[1] -> #2 awaitCondition db service_healthy, restart waits until it is ready',
        '[1] -> #3 restartContainer shop-web-1, restart was asked for',
        '[3] -> #4 awaitCondition web service_started, restart waits until it is ready',
      ),
    );
    const migration = await projectOf(MIGRATION);
    expect(formatPlan(planRestart({ project: migration, observed: booted(migration) }))).toBe(
      lines(
        '[] -> #1 restartContainer shop-api-1, restart was asked for',
        '[1] -> #2 awaitCondition api service_started, restart waits until it is ready',
      ),
    );
  });

  test('of a one-shot by name runs it again', async () => {
    const project = await projectOf(MIGRATION);
    const plan = planRestart({ project, observed: booted(project), services: ['migrate'] });
    expect(formatPlan(plan)).toBe(
      lines(
        '[] -> #1 restartContainer shop-migrate-1, restart was asked for',
        '[1] -> #2 awaitCondition migrate service_completed_successfully, restart waits until it is ready',
      ),
    );
  });

  test('takes along who says restart: true', async () => {
    const yaml = WEB_AND_DB.replace(
      'condition: service_healthy',
      'condition: service_healthy, restart: true',
    );
    const project = await projectOf(yaml);
    expect(formatPlan(planRestart({ project, observed: booted(project), services: ['db'] }))).toBe(
      lines(
        '[] -> #1 restartContainer shop-db-1, restart was asked for',
        '[1] -> #2 awaitCondition db service_healthy, restart waits until it is ready',
        '[1] -> #3 restartContainer shop-web-1, restarted with what it depends on',
        '[3] -> #4 awaitCondition web service_started, restart waits until it is ready',
      ),
    );
  });

  test('runs the hooks of a stop before it and those of a start behind it', async () => {
    const project = await projectOf(`
name: shop
services:
  a: {image: busybox, pre_stop: [{command: [drain]}], post_start: [{command: [warm]}]}
`);
    const { steps } = planRestart({ project, observed: booted(project) });
    expect(steps.map((step) => (step.kind === 'hook' ? step.when : step.kind))).toEqual([
      'preStop',
      'restart',
      'postStart',
      'await',
    ]);
    expect(steps.map(({ after }) => after)).toEqual([[], [1], [2], [3]]);
  });
});
