import { describe, expect, test } from 'vitest';
import { WEB_AND_DB } from '#support/planStacks.ts';
import { booted, bootText, emptyEngine, lines, projectOf, withContainer } from '#support/planWorld.ts';

describe('replicas', () => {
  const scaled = (count: number) =>
    `{name: shop, services: {a: {image: busybox, network_mode: none, scale: ${count}}}}`;

  test('are added by number', async () => {
    const before = booted(await projectOf(scaled(1)));
    expect(bootText(await projectOf(scaled(3)), before)).toBe(
      lines(
        '[] -> #1 createContainer shop-a-2, no existing container',
        '[] -> #2 createContainer shop-a-3, no existing container',
        '[1] -> #3 startContainer shop-a-2, no existing container',
        '[2] -> #4 startContainer shop-a-3, no existing container',
      ),
    );
  });

  test('go from the highest number down', async () => {
    const before = booted(await projectOf(scaled(3)));
    expect(bootText(await projectOf(scaled(1)), before)).toBe(
      lines(
        '[] -> #1 stopContainer shop-a-2, scaled down to 1',
        '[1] -> #2 removeContainer shop-a-2, scaled down to 1',
        '[] -> #3 stopContainer shop-a-3, scaled down to 1',
        '[3] -> #4 removeContainer shop-a-3, scaled down to 1',
      ),
    );
  });

  test('that are missing come back under their own number', async () => {
    const project = await projectOf(scaled(3));
    const before = booted(project);
    const gone = { ...before, containers: before.containers.filter((container) => container.number !== 2) };
    expect(bootText(project, gone)).toBe(
      lines(
        '[] -> #1 createContainer shop-a-2, no existing container',
        '[1] -> #2 startContainer shop-a-2, no existing container',
      ),
    );
  });

  test('follow the number that is asked for, over the file', async () => {
    const project = await projectOf(scaled(1));
    expect(bootText(project, booted(project), { scale: { a: 0 } })).toBe(
      lines(
        '[] -> #1 stopContainer shop-a-1, scaled down to 0',
        '[1] -> #2 removeContainer shop-a-1, scaled down to 0',
      ),
    );
  });
});

describe('what was broken off', () => {
  test('before the old container was removed is finished', async () => {
    const project = await projectOf('{name: shop, services: {a: {image: busybox, network_mode: none}}}');
    const before = booted(project);
    const [old] = before.containers;
    if (old === undefined) throw new Error('nothing was booted');
    const made = {
      ...old,
      id: 'f'.repeat(64) as never,
      name: `${old.id.slice(0, 12)}_shop-a-1`,
      state: 'created' as const,
      replaces: 'a-1',
    };
    const observed = { ...before, containers: [{ ...old, configHash: 'old' }, made] };
    expect(bootText(project, observed)).toBe(
      lines(
        '[] -> #1 stopContainer shop-a-1, a recreate was broken off',
        '[1] -> #2 removeContainer shop-a-1, a recreate was broken off',
        '[2] -> #3 renameContainer 000000000000_shop-a-1 -> shop-a-1, a recreate was broken off',
        '[3] -> #4 startContainer shop-a-1, a recreate was broken off',
      ),
    );
    expect(bootText(project, { ...observed, containers: [made] })).toBe(
      lines(
        '[] -> #1 renameContainer 000000000000_shop-a-1 -> shop-a-1, a recreate was broken off',
        '[1] -> #2 startContainer shop-a-1, a recreate was broken off',
      ),
    );
  });

  test('between create and start is started', async () => {
    const project = await projectOf(WEB_AND_DB);
    const created = withContainer(booted(project), 'web', { state: 'created' });
    expect(bootText(project, created)).toBe('[] -> #1 startContainer shop-web-1, created, not started');
  });

  test('while contents were put in is made anew', async () => {
    const project = await projectOf(`
name: shop
services: {a: {image: busybox, network_mode: none, configs: [c]}}
configs: {c: {content: hello}}
`);
    const before = booted(project);
    expect(bootText(project, before)).toBe('');
    expect(bootText(project, withContainer(before, 'a', { state: 'created' }))).toContain(
      'createContainer 000000000000_shop-a-1, created, its files may be missing',
    );
  });

  test('leaves no second container of a number', async () => {
    const project = await projectOf('{name: shop, services: {a: {image: busybox, network_mode: none}}}');
    const before = booted(project);
    const [first] = before.containers;
    if (first === undefined) throw new Error('nothing was booted');
    const second = { ...first, id: 'e'.repeat(64) as never, name: 'shop-a-1-again', createdAt: 99 };
    expect(bootText(project, { ...before, containers: [first, second] })).toBe(
      lines(
        '[] -> #1 stopContainer shop-a-1-again, a second container a:1',
        '[1] -> #2 removeContainer shop-a-1-again, a second container a:1',
      ),
    );
  });
});

describe('containers as they are found', () => {
  const one = '{name: shop, services: {a: {image: busybox, network_mode: none}}}';
  const cases: [string, Parameters<typeof withContainer>[2], string][] = [
    ['running', { state: 'running' }, ''],
    ['restarting', { state: 'restarting' }, ''],
    ['paused', { state: 'paused' }, '[] -> #1 startContainer shop-a-1, paused'],
    ['exited 0', { state: 'exited', exitCode: 0 }, '[] -> #1 startContainer shop-a-1, exited 0'],
    ['exited 137', { state: 'exited', exitCode: 137 }, '[] -> #1 startContainer shop-a-1, exited 137'],
  ];
  for (const [title, change, text] of cases)
    test(title, async () => {
      const project = await projectOf(one);
      expect(bootText(project, withContainer(booted(project), 'a', change))).toBe(text);
    });

  test('dead is made anew', async () => {
    const project = await projectOf(one);
    expect(bootText(project, withContainer(booted(project), 'a', { state: 'dead' }))).toBe(
      lines(
        '[] -> #1 createContainer 000000000000_shop-a-1, container is dead',
        '[1] -> #2 removeContainer shop-a-1, container is dead',
        '[2] -> #3 renameContainer 000000000000_shop-a-1 -> shop-a-1, container is dead',
        '[3] -> #4 startContainer shop-a-1, container is dead',
      ),
    );
  });

  test('barred from every start by what a killed engine left is made anew', async () => {
    const project = await projectOf(one);
    const message = `Task ${'0a'.repeat(32)}: already exists.`;
    const error = { kind: 'engine.failed', status: 500, transient: true, message } as const;
    const barred = withContainer(booted(project), 'a', { state: 'exited', error });
    expect(bootText(project, barred)).toContain('shop-a-1, the engine cannot start it any more');
    const other = withContainer(booted(project), 'a', {
      state: 'exited',
      error: { ...error, message: 'No such command.' },
    });
    expect(bootText(project, other)).not.toContain('createContainer');
  });

  test('off one of its networks is made anew', async () => {
    const project = await projectOf('{name: shop, services: {a: {image: busybox}}}');
    const off = withContainer(booted(project), 'a', { networks: {} });
    expect(bootText(project, off)).toContain(
      'createContainer 000000000000_shop-a-1, not attached to network default',
    );
  });

  test('of a compose of another release are adopted when they are the same in effect', async () => {
    const project = await projectOf(
      '{name: shop, services: {a: {image: busybox, network_mode: none, environment: {A: b}}}}',
    );
    const before = booted(project);
    const labels = { ...before.containers[0]?.labels, 'com.docker.compose.version': '2.20.0' };
    const env = { config: { ...before.containers[0]?.effective?.config, Env: ['A=b', 'PATH=/bin'] } };
    const effective = { ...before.containers[0]?.effective, ...env } as never;
    const adopted = withContainer(before, 'a', { configHash: 'other', labels, effective });
    expect(bootText(project, adopted)).toBe('');
    const other = { ...(effective as object), config: { ...env.config, Env: ['A=c', 'PATH=/bin'] } } as never;
    const changed = withContainer(before, 'a', { configHash: 'other', labels, effective: other });
    expect(bootText(project, changed)).toContain('configuration changed');
  });
});

describe('orphans', () => {
  const both =
    '{name: shop, services: {a: {image: busybox, network_mode: none}, b: {image: busybox, network_mode: none}}}';
  const one = '{name: shop, services: {a: {image: busybox, network_mode: none}}}';

  test('are named and stay', async () => {
    expect(bootText(await projectOf(one), booted(await projectOf(both)))).toBe(
      '~ shop-b-1 belongs to no service of the file',
    );
  });

  test('go when asked for', async () => {
    expect(bootText(await projectOf(one), booted(await projectOf(both)), { orphans: 'remove' })).toBe(
      lines(
        '[] -> #1 stopContainer shop-b-1, belongs to no service of the file',
        '[1] -> #2 removeContainer shop-b-1, belongs to no service of the file',
      ),
    );
  });

  test('of another folder are none of ours', async () => {
    const elsewhere = booted(await projectOf(both, '/elsewhere'));
    const text = bootText(await projectOf(one), elsewhere, { orphans: 'remove' });
    expect(text).not.toContain('shop-b-1');
  });
});

describe('external resources', () => {
  test('that are missing stop the boot before it starts', async () => {
    const network = await projectOf(
      '{name: shop, services: {a: {image: busybox, networks: [x]}}, networks: {x: {external: true}}}',
    );
    expect(() => bootText(network, emptyEngine(network))).toThrow('The external network x does not exist.');
    const volume = await projectOf(
      '{name: shop, services: {a: {image: busybox, volumes: ["old:/x"]}}, volumes: {old: {external: true}}}',
    );
    expect(() => bootText(volume, emptyEngine(volume))).toThrow('The external volume old does not exist.');
  });

  test('that are there are neither made nor changed', async () => {
    const project = await projectOf(
      '{name: shop, services: {a: {image: busybox, networks: [x]}}, networks: {x: {external: true, name: theirs}}}',
    );
    const theirs = { id: 'n', name: 'theirs', driver: 'bridge', labels: {}, configHash: 'whatever' };
    expect(bootText(project, { ...emptyEngine(project), networks: [theirs] })).toBe(
      lines(
        '[] -> #1 createContainer shop-a-1, no existing container',
        '[1] -> #2 startContainer shop-a-1, no existing container',
      ),
    );
  });
});
