import { describe, expect, test } from 'vitest';
import { MIGRATION, WEB_AND_DB } from '#support/planStacks.ts';
import { booted, bootText, imageOf, inputOf, lines, projectOf, withContainer } from '#support/planWorld.ts';
import { reconcile } from './reconcile.ts';

describe('a changed stack', () => {
  test('recreates what changed and nothing else', async () => {
    const before = booted(await projectOf(WEB_AND_DB));
    const project = await projectOf(WEB_AND_DB.replace('nginx:1.26', 'nginx:1.26\n    environment: {A: b}'));
    expect(bootText(project, before)).toBe(
      lines(
        '[] -> #1 createContainer 000000000000_shop-web-1, configuration changed',
        '[1] -> #2 stopContainer shop-web-1, configuration changed',
        '[1,2] -> #3 removeContainer shop-web-1, configuration changed',
        '[3] -> #4 renameContainer 000000000000_shop-web-1 -> shop-web-1, configuration changed',
        '[4] -> #5 startContainer shop-web-1, configuration changed',
      ),
    );
  });

  test('starts what depends on a recreated database only after its check has passed', async () => {
    const before = booted(await projectOf(WEB_AND_DB));
    const stopped = withContainer(before, 'web', { state: 'exited', exitCode: 143 });
    const project = await projectOf(WEB_AND_DB.replace('[CMD, pg_isready]', '[CMD, pg_isready, -q]'));
    expect(bootText(project, stopped)).toBe(
      lines(
        '[] -> #1 createContainer 000000000000_shop-db-1, configuration changed',
        '[1] -> #2 stopContainer shop-db-1, configuration changed',
        '[1,2] -> #3 removeContainer shop-db-1, configuration changed',
        '[3] -> #4 renameContainer 000000000000_shop-db-1 -> shop-db-1, configuration changed',
        '[4] -> #5 startContainer shop-db-1, configuration changed',
        '[5] -> #6 awaitCondition db service_healthy, web depends on db',
        '[6] -> #7 startContainer shop-web-1, exited 143',
      ),
    );
  });

  test('restarts who says so when its dependency is recreated', async () => {
    const yaml = WEB_AND_DB.replace(
      'condition: service_healthy',
      'condition: service_healthy, restart: true',
    );
    const before = booted(await projectOf(yaml));
    const project = await projectOf(yaml.replace('[CMD, pg_isready]', '[CMD, pg_isready, -q]'));
    expect(bootText(project, before)).toBe(
      lines(
        '[] -> #1 createContainer 000000000000_shop-db-1, configuration changed',
        '[] -> #2 stopContainer shop-web-1, db: configuration changed',
        '[1,2] -> #3 stopContainer shop-db-1, configuration changed',
        '[1,3] -> #4 removeContainer shop-db-1, configuration changed',
        '[4] -> #5 renameContainer 000000000000_shop-db-1 -> shop-db-1, configuration changed',
        '[5] -> #6 startContainer shop-db-1, configuration changed',
        '[6] -> #7 awaitCondition db service_healthy, web depends on db',
        '[2,7] -> #8 startContainer shop-web-1, depends on db, which is recreated',
      ),
    );
  });

  test('recreates what runs an image whose tag has moved', async () => {
    const project = await projectOf('{name: shop, services: {a: {image: busybox, network_mode: none}}}');
    const before = booted(project);
    const moved = { ...before, images: { busybox: imageOf('busybox', { id: 'sha256:new' as never }) } };
    expect(bootText(project, moved)).toBe(
      lines(
        '[] -> #1 createContainer 000000000000_shop-a-1, image changed',
        '[1] -> #2 stopContainer shop-a-1, image changed',
        '[1,2] -> #3 removeContainer shop-a-1, image changed',
        '[3] -> #4 renameContainer 000000000000_shop-a-1 -> shop-a-1, image changed',
        '[4] -> #5 startContainer shop-a-1, image changed',
      ),
    );
  });

  test('recreates with a service whatever shares its network', async () => {
    const yaml = (env: string) => `
name: shop
services:
  vpn: {image: busybox, network_mode: none, environment: {A: "${env}"}}
  app: {image: busybox, network_mode: "service:vpn"}
`;
    const before = booted(await projectOf(yaml('1')));
    expect(bootText(await projectOf(yaml('2')), before)).toBe(
      lines(
        '[] -> #1 createContainer 000000000000_shop-vpn-1, configuration changed',
        '[1] -> #2 createContainer 000000000000_shop-app-1, shares with vpn, which is recreated',
        '[1] -> #3 stopContainer shop-vpn-1, configuration changed',
        '[1,3] -> #4 removeContainer shop-vpn-1, configuration changed',
        '[4] -> #5 renameContainer 000000000000_shop-vpn-1 -> shop-vpn-1, configuration changed',
        '[2] -> #6 stopContainer shop-app-1, shares with vpn, which is recreated',
        '[2,6] -> #7 removeContainer shop-app-1, shares with vpn, which is recreated',
        '[7] -> #8 renameContainer 000000000000_shop-app-1 -> shop-app-1, shares with vpn, which is recreated',
        '[5] -> #9 startContainer shop-vpn-1, configuration changed',
        '[8,9] -> #10 startContainer shop-app-1, shares with vpn, which is recreated',
      ),
    );
  });

  test('takes a changed network down with everything on it', async () => {
    const yaml = (internal: string) => `
name: shop
services: {a: {image: busybox}}
networks: {default: {internal: ${internal}}}
`;
    const before = booted(await projectOf(yaml('false')));
    expect(bootText(await projectOf(yaml('true')), before)).toBe(
      lines(
        '[] -> #1 stopContainer shop-a-1, network definition changed',
        '[1] -> #2 removeNetwork shop_default, network definition changed',
        '[2] -> #3 createNetwork shop_default, network definition changed',
        '[3] -> #4 createContainer 000000000000_shop-a-1, network default is recreated',
        '[1,4] -> #5 removeContainer shop-a-1, network default is recreated',
        '[5] -> #6 renameContainer 000000000000_shop-a-1 -> shop-a-1, network default is recreated',
        '[6] -> #7 startContainer shop-a-1, network default is recreated',
      ),
    );
  });

  test('leaves a volume whose definition changed as it is', async () => {
    const before = booted(await projectOf(WEB_AND_DB));
    const project = await projectOf(WEB_AND_DB.replace('data: {}', 'data: {labels: {a: b}}'));
    expect(bootText(project, before)).toBe(
      '~ volume shop_data: its definition changed; it stays as it is, with its data (slipway up --recreate-volumes makes it anew)',
    );
  });

  test('uses a volume that somebody else made, and says so', async () => {
    const project = await projectOf(WEB_AND_DB);
    const before = booted(project);
    const foreign = before.volumes.map((volume) => ({ ...volume, project: undefined, labels: {} }));
    expect(bootText(project, { ...before, volumes: foreign })).toBe(
      '~ volume shop_data was not made by compose; it is used as it is',
    );
  });

  test('with another volume name makes a new volume and leaves the old one', async () => {
    const before = booted(await projectOf(WEB_AND_DB));
    const project = await projectOf(WEB_AND_DB.replace('data: {}', 'data: {name: other}'));
    const text = bootText(project, before);
    expect(text).toContain('createVolume other, no existing volume');
    expect(text).toContain('createContainer 000000000000_shop-db-1, does not use volume other');
    expect(text).not.toContain('removeVolume');
  });

  test('never recreates when told not to', async () => {
    const before = booted(await projectOf(WEB_AND_DB));
    const project = await projectOf(WEB_AND_DB.replace('nginx:1.26', 'nginx:1.26\n    environment: {A: b}'));
    expect(bootText(project, before, { recreate: 'never' })).toBe('');
  });

  test('recreates by force what was named, not what it depends on', async () => {
    const project = await projectOf(WEB_AND_DB);
    const text = bootText(project, booted(project), { recreate: 'force', services: ['web'] });
    expect(text).toContain('createContainer 000000000000_shop-web-1, recreate was asked for');
    expect(text).not.toContain('shop-db-1');
  });
});

describe('one-shots', () => {
  test('run again when their definition changed', async () => {
    const before = booted(await projectOf(MIGRATION));
    const project = await projectOf(MIGRATION.replace('STEP: "1"', 'STEP: "2"'));
    expect(bootText(project, before, { until: 'ready' })).toBe(
      lines(
        '[] -> #1 createContainer 000000000000_shop-migrate-1, configuration changed',
        '[1] -> #2 removeContainer shop-migrate-1, configuration changed',
        '[2] -> #3 renameContainer 000000000000_shop-migrate-1 -> shop-migrate-1, configuration changed',
        '[3] -> #4 startContainer shop-migrate-1, configuration changed',
        '[4] -> #5 awaitCondition migrate service_completed_successfully, boot waits until it is ready',
      ),
    );
  });

  test('run again when that is asked for', async () => {
    const project = await projectOf(MIGRATION);
    expect(bootText(project, booted(project), { rerun: ['migrate'], until: 'ready' })).toBe(
      lines(
        '[] -> #1 startContainer shop-migrate-1, run again',
        '[1] -> #2 awaitCondition migrate service_completed_successfully, boot waits until it is ready',
      ),
    );
  });

  test('run again when they failed', async () => {
    const project = await projectOf(MIGRATION);
    const failed = withContainer(booted(project), 'migrate', { exitCode: 1 });
    expect(bootText(project, failed)).toContain('startContainer shop-migrate-1, exited 1');
  });

  test('without dependents are done when they were seen to end by themselves', async () => {
    const project = await projectOf('{name: shop, services: {seed: {image: busybox, network_mode: none}}}');
    const ended = withContainer(booted(project), 'seed', { state: 'exited', exitCode: 0, endedItself: true });
    expect(bootText(project, ended)).toBe('');
    const stopped = withContainer(booted(project), 'seed', {
      state: 'exited',
      exitCode: 0,
      endedItself: false,
    });
    expect(bootText(project, stopped)).toBe('[] -> #1 startContainer shop-seed-1, exited 0');
  });
});

describe('a service alone', () => {
  const YAML = `
name: shop
services:
  vpn: {image: busybox}
  files: {image: busybox}
  app: {image: busybox, network_mode: "service:vpn", volumes_from: [files]}
  db: {image: busybox}
  api: {image: busybox, links: ["db:database"], depends_on: {db: {condition: service_healthy}}}
`;
  const createdAlone = async (service: string) => {
    const project = await projectOf(YAML);
    const observed = booted(project);
    const options = { services: [service], alone: true, recreate: 'force' } as const;
    const { steps } = reconcile(inputOf(project, observed, options));
    const touched = new Set(steps.flatMap((step) => ('service' in step ? (step.service ?? []) : [])));
    const create = steps.find((step) => step.kind === 'create');
    const id = (name: string) => observed.containers.find((container) => container.service === name)?.id;
    return { touched, body: create?.body, id };
  };

  test('shares what it shares with the containers that are there', async () => {
    const { touched, body, id } = await createdAlone('app');
    expect([...touched]).toEqual(['app']);
    expect(body?.HostConfig).toMatchObject({
      NetworkMode: `container:${id('vpn')}`,
      VolumesFrom: [id('files')],
    });
  });

  test('keeps its links and the label that says what it depends on, and waits for nobody', async () => {
    const { touched, body } = await createdAlone('api');
    expect([...touched]).toEqual(['api']);
    const { Links } = body?.NetworkingConfig?.EndpointsConfig?.['shop_default'] ?? {};
    expect(Links).toContain('shop-db-1:database');
    expect(body?.Labels?.['com.docker.compose.depends_on']).toBe('db:service_healthy:false');
  });
});
