import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LABELS } from '#compose/labels.ts';
import type { OpenedPack } from '#contract/requests/share.ts';
import { type CoreStack, coreStacks } from '../../support/coreStack.ts';
import { canBeRemoved } from '../../support/networks.ts';
import { needImages } from '../../support/world.ts';
import { docker } from '../cli/runCli.ts';

const PORT = '18391';
const SECRET = 'planted-share-secret-1';
const COMPOSE = `
services:
  web:
    build: ./web
    command: [/bin/run, --key, "\${API_KEY}"]
    environment:
      API_KEY: \${API_KEY}
      MODE: local-mode-value-2
    volumes:
      - data:/data
      - ./conf:/conf:ro
      - ./.env:/app/.env:ro
    ports: ["127.0.0.1:${PORT}:80"]
  other:
    image: busybox:1
    command: [sleep, "3600"]
    init: true
volumes:
  data:
x-slipway: { production: { images: { web: "registry.example.com/planted-place" } } }
`;
const RUN = `#!/bin/sh
echo "key is $API_KEY"
[ -f /data/kept ] || echo first > /data/kept
[ "$MODE" = fail ] && exit 3
exec sleep 3600
`;

let source: string;
let root: string;
const open = coreStacks();
const opened: { readonly stack: CoreStack; readonly pack: OpenedPack }[] = [];

beforeAll(async () => {
  await needImages('busybox:1');
  root = await mkdtemp(path.join(os.tmpdir(), 'slipway-share-'));
  source = path.join(root, 'shared');
  await writeTree(source, {
    'compose.yaml': COMPOSE,
    '.env': `API_KEY=${SECRET}\n`,
    'conf/app.conf': 'answer=42\n',
    'web/Dockerfile': 'FROM busybox:1\nCOPY run /bin/run\nRUN chmod 755 /bin/run\n',
    'web/run': RUN,
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));
afterEach(async () => {
  for (const { stack, pack: found } of opened.splice(0)) await removeOpened(stack, found);
});

async function writeTree(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const { mkdir } = await import('node:fs/promises');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

async function removeOpened({ engine, client }: CoreStack, found: OpenedPack): Promise<void> {
  const project = `${found.project}-pack`;
  await client.project.close({ workspace: found.workspace });
  const labels = [`${LABELS.project}=${project}`];
  for (const { id } of await engine.listContainers({ all: true, labels }))
    await engine.removeContainer(id, { force: true, anonymousVolumes: true });
  for (const { id } of await engine.listNetworks({ labels })) await canBeRemoved(engine, id);
  for (const { name } of await engine.listVolumes({ labels })) await engine.removeVolume(name);
  for (const { tags } of await engine.listImages({ reference: 'slipway-pack/*' }))
    for (const tag of tags) if (tag.includes(found.project)) await engine.removeImage(tag, { force: true });
}

async function packed(stack: CoreStack): Promise<string> {
  const { workspace, client } = stack;
  expect(await stack.boot()).toEqual({ type: 'done' });
  expect(await stack.ended(client.data.checkpoint({ workspace, name: 'before' }))).toEqual({ type: 'done' });
  const plan = await client.share.packPlan({ workspace });
  const checkpoints = plan.checkpoints.map(({ id }) => id);
  const file = stack.file(`../${plan.fileName}`);
  expect(await stack.ended(client.share.pack({ workspace, file, checkpoints }))).toEqual({ type: 'done' });
  return file;
}

describe('a reproduction pack', () => {
  it('is one file with which a colleague boots the same stack, and holds no value', async () => {
    const stack = await open(source);
    const { client } = stack;
    const file = await packed(stack);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const bytes = gunzipSync(await readFile(file));
    for (const planted of [SECRET, 'local-mode-value-2', 'planted-place'])
      expect(bytes.includes(planted), planted).toBe(false);
    // Nothing of it is left over here.
    const left = await stack.engine.listImages({ reference: `slipway-pack/${stack.name}-*` });
    expect(left).toEqual([]);
    const ran = (await stack.inspect('web')).imageId;

    // The stack that it came from goes on running: what is opened takes no port from it.
    const folder = stack.file('../opened');
    const found = await client.share.openPack({ file, folder, valuesFrom: stack.file('.') });
    opened.push({ stack, pack: found });
    expect(found).toMatchObject({
      lacking: [],
      taken: 2,
      movedPorts: [{ service: 'web', from: PORT }],
      checkpoints: [{ name: 'before' }],
    });
    expect(await readFile(path.join(folder, 'files/conf/app.conf'), 'utf8')).toBe('answer=42\n');
    expect(await readFile(path.join(folder, 'logs/around.log'), 'utf8')).toContain('web | key is ‹API_KEY›');
    expect((await readdir(path.join(folder, 'files'))).sort()).toEqual(['conf']);
    expect(found.notes.join()).toContain('.env is left out');

    const wait = async (begun: PromiseLike<{ readonly run: string }>) =>
      client.stack.wait({ workspace: found.workspace, run: (await begun).run });
    await wait(
      client.data.restore({ workspace: found.workspace, checkpoint: found.checkpoints[0]?.id ?? '' }),
    );
    await wait(client.stack.boot({ workspace: found.workspace }));
    const web = await stack.engine.inspectContainer(`${found.project}-pack-web-1`);
    expect(web.state).toBe('running');
    expect(web.imageId).toBe(ran);
    expect(await stack.inspect('web')).toMatchObject({ state: 'running', imageId: ran });
    expect(web.env).toContain(`API_KEY=${SECRET}`);
    const { stdout } = await stack.engine.exec(web.id, { command: ['cat', '/data/kept'] });
    expect(new TextDecoder().decode(stdout)).toBe('first\n');
  });

  it('that was sent by a stranger writes nowhere but into its own folder', async () => {
    const stack = await open(source);
    const manifest = JSON.stringify({
      version: 1,
      project: 'x',
      createdAt: 1,
      services: [],
      variables: [],
      checkpoints: [],
      notes: [],
    });
    for (const name of [
      '../out',
      '/etc/out',
      'files/../../out',
      '.slipway/override.yaml',
      'files/.git/hooks/x',
    ]) {
      const tar = pack();
      tar.entry({ name: 'pack.json' }, manifest);
      tar.entry({ name }, 'x');
      tar.finalize();
      const file = stack.file('../bad.slipway-pack');
      await writeFile(file, gzipSync(await buffer(tar)));
      const folder = stack.file('../bad');
      await expect(stack.client.share.openPack({ file, folder }), name).rejects.toMatchObject({
        data: { kind: 'input.invalid' },
      });
      await expect(stat(folder), name).rejects.toThrow();
    }
    await expect(
      stack.client.share.openPack({ file: stack.file('../none.slipway-pack') }),
    ).rejects.toMatchObject({ data: { kind: 'path.missing' } });
    const cut = stack.file('../cut.slipway-pack');
    await writeFile(cut, gzipSync(Buffer.from('no tar')).subarray(0, 10));
    await expect(stack.client.share.openPack({ file: cut })).rejects.toMatchObject({
      data: { kind: 'input.invalid' },
    });
  });
});

describe('the registry on this machine', () => {
  it('starts with one request, takes local builds, keeps what it passes on, and goes again', async () => {
    await needImages('registry:2');
    const stack = await open(source);
    const { client, workspace } = stack;
    expect(await stack.boot()).toEqual({ type: 'done' });
    const port = 15_050;
    try {
      const view = await client.share.startRegistry({ workspace, reach: 'thisMachine', port });
      expect(view).toMatchObject({ state: 'running', address: `127.0.0.1:${port}`, shared: [], images: [] });
      expect(await stack.ended(client.share.pushBuilds({ workspace, port, tag: 'for-grace' }))).toEqual({
        type: 'done',
      });
      const repository = `${stack.name}/web`;
      expect((await client.share.registry({ workspace, port })).images).toEqual([
        { name: repository, tags: ['for-grace'] },
      ]);
      const cached = `127.0.0.1:${port + 1}/library/busybox:1`;
      expect((await docker('pull', '-q', cached)).status).toBe(0);
      await docker('rmi', cached);
      await expect(client.share.pushBuilds({ workspace, port, services: ['other'] })).rejects.toMatchObject({
        data: { kind: 'input.invalid' },
      });
    } finally {
      await client.share.stopRegistry({ workspace, port });
      for (const role of ['registry', 'registry-cache'])
        await stack.engine.removeVolume(`slipway-${role}-${port}`);
    }
    expect((await client.share.registry({ workspace, port })).state).toBe('absent');
  });
});
