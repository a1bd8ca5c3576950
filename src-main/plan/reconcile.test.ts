import { describe, expect, test } from 'vitest';
import { MIGRATION, WEB_AND_DB } from '#support/planStacks.ts';
import { booted, bootText, emptyEngine, imageOf, inputOf, lines, projectOf } from '#support/planWorld.ts';
import type { ReconcileOptions } from './options.ts';
import { reconcile } from './reconcile.ts';

describe('a first boot', () => {
  test('creates everything at once and starts in the order of dependencies', async () => {
    const project = await projectOf(WEB_AND_DB);
    expect(bootText(project, emptyEngine(project))).toBe(
      lines(
        '[] -> #1 createNetwork shop_default, no existing network',
        '[] -> #2 createVolume shop_data, no existing volume',
        '[1,2] -> #3 createContainer shop-db-1, no existing container',
        '[1] -> #4 createContainer shop-web-1, no existing container',
        '[3] -> #5 startContainer shop-db-1, no existing container',
        '[5] -> #6 awaitCondition db service_healthy, web depends on db',
        '[4,6] -> #7 startContainer shop-web-1, no existing container',
      ),
    );
  });

  test('pulls an image once, whoever uses it', async () => {
    const project = await projectOf(`
name: shop
services:
  a: {image: busybox, network_mode: none}
  b: {image: busybox, network_mode: none}
`);
    expect(bootText(project, emptyEngine(project, []), { until: 'ready' })).toBe(
      lines(
        '[] -> #1 pull busybox, image is not here',
        '[1] -> #2 createContainer shop-a-1, no existing container',
        '[1] -> #3 createContainer shop-b-1, no existing container',
        '[2] -> #4 startContainer shop-a-1, no existing container',
        '[3] -> #5 startContainer shop-b-1, no existing container',
        '[4] -> #6 awaitCondition a service_healthy, boot waits until it is ready',
        '[5] -> #7 awaitCondition b service_healthy, boot waits until it is ready',
      ),
    );
  });

  test('builds what has no image yet, a base before what is built from it', async () => {
    const project = await projectOf(`
name: shop
services:
  api: {build: {context: ., additional_contexts: {base: "service:base"}}, network_mode: none}
  base: {build: ./base, network_mode: none}
`);
    expect(bootText(project, emptyEngine(project, []), { until: 'started' })).toBe(
      lines(
        '[] -> #1 build base, api is built from it',
        '[1] -> #2 build api, no image yet',
        '[2] -> #3 createContainer shop-api-1, no existing container',
        '[1] -> #4 createContainer shop-base-1, no existing container',
        '[3] -> #5 startContainer shop-api-1, no existing container',
        '[4] -> #6 startContainer shop-base-1, no existing container',
      ),
    );
  });

  test('ends when everything is healthy, done, or has stayed up', async () => {
    const project = await projectOf(`
name: shop
services:
  checked: {image: busybox, network_mode: none, healthcheck: {test: "true"}}
  plain: {image: busybox, network_mode: none}
  once: {image: busybox, network_mode: none}
  last: {image: busybox, network_mode: none, depends_on: {once: {condition: service_completed_successfully}}}
`);
    const awaits = bootText(project, emptyEngine(project), { until: 'ready' })
      .split('\n')
      .filter((line) => line.includes('await'));
    expect(awaits).toEqual([
      '[6] -> #8 awaitCondition once service_completed_successfully, last depends on once',
      '[5] -> #10 awaitCondition checked service_healthy, boot waits until it is ready',
      '[7] -> #11 awaitCondition plain service_started, boot waits until it is ready',
      '[9] -> #12 awaitCondition last service_started, boot waits until it is ready',
    ]);
  });

  test('with pull never asks no registry', async () => {
    const project = await projectOf('{name: shop, services: {a: {image: busybox, network_mode: none}}}');
    expect(bootText(project, emptyEngine(project, []), { pull: 'never', until: 'started' })).toBe(
      lines(
        '[] -> #1 createContainer shop-a-1, no existing container',
        '[1] -> #2 startContainer shop-a-1, no existing container',
      ),
    );
  });

  test('waits for a one-shot to complete before it starts what needs it', async () => {
    const project = await projectOf(MIGRATION);
    expect(bootText(project, emptyEngine(project))).toBe(
      lines(
        '[] -> #1 createContainer shop-migrate-1, no existing container',
        '[] -> #2 createContainer shop-api-1, no existing container',
        '[1] -> #3 startContainer shop-migrate-1, no existing container',
        '[3] -> #4 awaitCondition migrate service_completed_successfully, api depends on migrate',
        '[2,4] -> #5 startContainer shop-api-1, no existing container',
      ),
    );
  });

  test('goes on without an optional dependency that is not enabled, and says so', async () => {
    const project = await projectOf(`
name: shop
services:
  mail: {image: busybox, network_mode: none, profiles: [mail]}
  api: {image: busybox, network_mode: none, depends_on: {mail: {condition: service_started, required: false}}}
`);
    expect(bootText(project, emptyEngine(project), { until: 'started' })).toBe(
      lines(
        '[] -> #1 createContainer shop-api-1, no existing container',
        '[1] -> #2 startContainer shop-api-1, no existing container',
        '~ api: started without mail, which is not enabled',
      ),
    );
  });

  test('gives a wait that may fail a step of its own', async () => {
    const project = await projectOf(`
name: shop
services:
  cache: {image: busybox, network_mode: none}
  api: {image: busybox, network_mode: none, depends_on: {cache: {condition: service_started, required: false}}}
`);
    expect(bootText(project, emptyEngine(project), { until: 'started' })).toBe(
      lines(
        '[] -> #1 createContainer shop-cache-1, no existing container',
        '[] -> #2 createContainer shop-api-1, no existing container',
        '[1] -> #3 startContainer shop-cache-1, no existing container',
        '[3] -> #4 awaitCondition cache service_started (optional), api depends on cache',
        '[2,4] -> #5 startContainer shop-api-1, no existing container',
      ),
    );
  });

  test('of one service takes its dependencies along and nothing else', async () => {
    const project = await projectOf(`
name: shop
services:
  a: {image: busybox, network_mode: none}
  b: {image: busybox, network_mode: none, depends_on: [a]}
  c: {image: busybox, network_mode: none, depends_on: [b]}
`);
    expect(bootText(project, emptyEngine(project), { services: ['b'], until: 'started' })).toBe(
      lines(
        '[] -> #1 createContainer shop-a-1, no existing container',
        '[] -> #2 createContainer shop-b-1, no existing container',
        '[1] -> #3 startContainer shop-a-1, no existing container',
        '[2,3] -> #4 startContainer shop-b-1, no existing container',
      ),
    );
  });

  test('of a service that is none fails before anything runs', async () => {
    const project = await projectOf(WEB_AND_DB);
    expect(() => bootText(project, emptyEngine(project), { services: ['postgress'] })).toThrow(
      'There is no service postgress in shop.',
    );
  });

  test('creates the container whose network is shared before the one that shares it', async () => {
    const project = await projectOf(`
name: shop
services:
  vpn: {image: busybox, network_mode: none}
  app: {image: busybox, network_mode: "service:vpn"}
`);
    expect(bootText(project, emptyEngine(project), { until: 'started' })).toBe(
      lines(
        '[] -> #1 createContainer shop-vpn-1, no existing container',
        '[1] -> #2 createContainer shop-app-1, no existing container',
        '[1] -> #3 startContainer shop-vpn-1, no existing container',
        '[2,3] -> #4 startContainer shop-app-1, no existing container',
      ),
    );
  });

  test('runs hooks one after another before dependents start', async () => {
    const project = await projectOf(`
name: shop
services:
  db: {image: busybox, network_mode: none, post_start: [{command: [one]}, {command: [two]}]}
  api: {image: busybox, network_mode: none, depends_on: [db]}
`);
    expect(bootText(project, emptyEngine(project), { until: 'started' })).toBe(
      lines(
        '[] -> #1 createContainer shop-db-1, no existing container',
        '[] -> #2 createContainer shop-api-1, no existing container',
        '[1] -> #3 startContainer shop-db-1, no existing container',
        '[3] -> #4 hook shop-db-1 postStart, it has a post_start hook',
        '[4] -> #5 hook shop-db-1 postStart, it has a post_start hook',
        '[2,5] -> #6 startContainer shop-api-1, no existing container',
      ),
    );
  });
});

describe('images that are there', () => {
  const needs = async (policy: string, options: ReconcileOptions, taggedAt: number) => {
    const yaml = `{name: shop, services: {a: {image: busybox, pull_policy: ${policy}, network_mode: none}}}`;
    const project = await projectOf(yaml);
    const observed = {
      ...emptyEngine(project),
      at: NOW,
      images: { busybox: imageOf('busybox', { taggedAt }) },
    };
    return reconcile(inputOf(project, observed, options)).steps.some(({ kind }) => kind === 'pull');
  };
  const NOW = Date.UTC(2026, 0, 10);
  const DAY = 24 * 3_600_000;

  test.each([
    ['daily', 2 * DAY, true],
    ['daily', DAY / 2, false],
    ['weekly', 6 * DAY, false],
    ['weekly', 8 * DAY, true],
    ['every_1d12h', 1.4 * DAY, false],
    ['every_1d12h', 1.6 * DAY, true],
    ['missing', 900 * DAY, false],
  ])('are pulled again when they are older than %s (%d ms: %s)', async (policy, age, pulled) => {
    expect(await needs(policy, {}, NOW - age)).toBe(pulled);
  });

  test('are not pulled again when that has just been done', async () => {
    expect(await needs('always', {}, NOW)).toBe(true);
    expect(await needs('always', { imagesDone: true }, NOW)).toBe(false);
  });

  test('are not pulled against pull_policy: never because another had to be pulled first', async () => {
    const project = await projectOf(
      '{name: shop, services: {a: {image: busybox, pull_policy: never, network_mode: none}}}',
    );
    const plan = reconcile(inputOf(project, emptyEngine(project, []), { imagesDone: true }));
    expect(plan.steps.some(({ kind }) => kind === 'pull')).toBe(false);
  });
});

test('what a provider provides is neither pulled nor made, and nobody waits for it', async () => {
  const project = await projectOf(`
name: shop
services:
  ai: {provider: {type: model, options: {model: tiny}}}
  app: {image: busybox, network_mode: none, depends_on: [ai]}
`);
  expect(bootText(project, emptyEngine(project, ['busybox']))).toBe(
    lines(
      '[] -> #1 createContainer shop-app-1, no existing container',
      '[1] -> #2 startContainer shop-app-1, no existing container',
    ),
  );
});

describe('a boot of an unchanged stack', () => {
  const stacks: Record<string, string> = {
    'web and database': WEB_AND_DB,
    'a one-shot that is done': MIGRATION,
    replicas: '{name: shop, services: {a: {image: busybox, scale: 3}}}',
    'a shared network': `
name: shop
services:
  vpn: {image: busybox}
  app: {image: busybox, network_mode: "service:vpn", pid: "service:vpn", volumes_from: [vpn]}
`,
    'links and two networks': `
name: shop
services:
  a: {image: busybox, networks: [front, back]}
  b: {image: busybox, networks: [back], links: [a]}
networks: {front: {}, back: {driver: bridge}}
`,
    'a container name': '{name: shop, services: {a: {image: busybox, container_name: fixed}}}',
    'a healthcheck of the image':
      '{name: shop, services: {a: {image: busybox, healthcheck: {disable: true}}}}',
    'volumes of every kind': `
name: shop
services:
  a: {image: busybox, volumes: ["named:/n", "/host:/h", "/anonymous", {type: tmpfs, target: /t}]}
volumes: {named: {}}
`,
    'something built here': '{name: shop, services: {a: {build: .}}}',
  };
  for (const [title, yaml] of Object.entries(stacks))
    test(`does nothing: ${title}`, async () => {
      const project = await projectOf(yaml);
      expect(bootText(project, booted(project), { until: 'ready' })).toBe('');
    });
});
