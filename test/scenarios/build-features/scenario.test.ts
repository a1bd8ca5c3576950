import { beforeAll, expect, test } from 'vitest';
import { coreStacks } from '../../support/coreStack.ts';
import { needImages } from '../../support/world.ts';

beforeAll(() => needImages('busybox:1'));
const open = coreStacks();

test('what a build asks for must reach it: secrets, arguments, target, further contexts, files from elsewhere', async () => {
  const stack = await open(import.meta.dirname, { WORD: 'spoken', FROM_OUTSIDE: 'given' });
  expect(await stack.boot()).toEqual({ type: 'done' });
  expect(await stack.exec('all', 'cat', '/args', '/secrets', '/shared/file', '/made')).toBe(
    'hello given\nt0p\nspokenshared\ninline\n',
  );
  expect(await stack.exec('all', 'sh', '-c', 'cd /own && find . -type f | sort; ls /plain')).toBe(
    './.dockerignore\n./src/y\n/plain\n',
  );
  // Inline: the context's own ignore file counts.
  expect(await stack.exec('base', 'sh', '-c', 'cd /app && find . -type f | sort')).toBe(
    './left-out\n./src/y\n',
  );
  expect(await stack.engine.listImages({ reference: `${stack.name}*:context` })).toEqual([]);
  const { raw } = await stack.inspect('all');
  expect(JSON.stringify(raw)).not.toContain('t0p');
});

test('a cancelled build must end soon, and leave no image', async () => {
  const stack = await open(import.meta.dirname, { WORD: 'spoken' });
  await stack.edit('compose.yaml', (text) => text.replace('RUN echo inline > /made', 'RUN sleep 300'));
  await stack.client.project.reload({ workspace: stack.workspace });
  const { run } = await stack.client.stack.build({ workspace: stack.workspace, services: ['base'] });
  for await (const views of await stack.client.builds.follow({ workspace: stack.workspace })) {
    if (
      views.some(({ steps }) =>
        steps.some(({ name, status }) => name.includes('sleep') && status === 'running'),
      )
    )
      break;
  }
  await stack.client.stack.cancel({ workspace: stack.workspace, run });
  expect(await stack.client.stack.wait({ workspace: stack.workspace, run })).toEqual({
    outcome: 'cancelled',
  });
  const [build] = await stack.client.builds.history({ workspace: stack.workspace, service: 'base' });
  expect(build?.outcome).toBe('cancelled');
  expect(await stack.engine.inspectImage(`${stack.name}-base`)).toBeUndefined();
});

test('a container that somebody runs of a built image must be no replica, and stay where it is', async () => {
  const stack = await open(import.meta.dirname, { WORD: 'spoken' });
  const boot = () => stack.ended(stack.client.stack.boot({ workspace: stack.workspace, services: ['base'] }));
  expect(await boot()).toEqual({ type: 'done' });
  const own = await stack.containers();
  const body = { Image: `${stack.name}-base`, Cmd: ['sleep', '3600'], HostConfig: { Init: true } };
  const { id } = await stack.engine.createContainer({ name: `${stack.name}-by-hand`, body });
  try {
    await stack.engine.startContainer(id);
    // It has the labels of its image, and those say whose that is.
    const labelled = await stack.engine.listContainers({
      all: true,
      labels: [`com.docker.compose.project=${stack.name}`],
    });
    expect(labelled.map((container) => container.id)).toContain(id);
    expect(await boot()).toEqual({ type: 'done' });
    expect(stack.service('base').replicas.map((replica) => replica.id)).not.toContain(id);
    expect(await stack.containers()).toMatchObject(own);
    expect(await stack.ended(stack.client.stack.down({ workspace: stack.workspace }))).toEqual({
      type: 'done',
    });
    expect((await stack.engine.inspectContainer(id)).state).toBe('running');
  } finally {
    await stack.engine.removeContainer(id, { force: true });
  }
});
