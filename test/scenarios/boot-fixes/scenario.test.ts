import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import type { AppFailure } from '#contract/errors.ts';
import type { FailureCard } from '#contract/model.ts';
import { type CoreStack, coreStacks } from '#support/coreStack.ts';
import { eventually } from '#support/eventually.ts';
import { freePort } from '#support/freePort.ts';
import { needImages } from '#support/world.ts';

const open = coreStacks();
beforeAll(() => needImages('busybox:1'));

/** Changes the compose file of `site`, boots, and gives the card that it got. */
async function brokenBy(change: (yaml: string) => string): Promise<{ stack: CoreStack; card: FailureCard }> {
  const stack = await open(import.meta.dirname);
  await stack.edit('compose.yaml', change);
  await stack.client.project.reload({ workspace: stack.workspace });
  expect(await stack.boot()).toMatchObject({ type: 'failed' });
  const card = stack.service('site').failure;
  if (card === undefined) throw new Error('site has no card');
  return { stack, card };
}

/** Presses a button of the card, agreeing to whatever it names; gives what had to be agreed to. */
async function press(stack: CoreStack, card: FailureCard, kind: string): Promise<readonly string[]> {
  const fix = card.fixes.find(({ id }) => id.split(':')[0] === kind)?.id;
  if (fix === undefined) throw new Error(`no ${kind} among ${card.fixes.map(({ id }) => id).join(', ')}`);
  const request = { workspace: stack.workspace, service: 'site', fix };
  const asked = await stack.client.stack
    .fix(request)
    .catch((thrown: { data: AppFailure['error'] }) => thrown.data);
  const named = 'kind' in asked && asked.kind === 'data.consentRequired' ? [...asked.missing] : [];
  const begun = 'run' in asked ? asked : await stack.client.stack.fix({ ...request, consents: named });
  expect(await stack.ended(Promise.resolve(begun))).toEqual({ type: 'done' });
  expect(stack.service('site')).toMatchObject({ status: { type: 'running' }, failure: undefined });
  return named;
}

const publish = (port: number) => (yaml: string) =>
  yaml
    .replace('image: busybox:1', `image: busybox:1\n    ports: ["${port}:80"]`)
    .replace('18080', String(port));

async function listening(): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer();
  const port = await freePort();
  await once(server.listen(port, '0.0.0.0'), 'listening');
  return { port, close: () => new Promise((resolve) => server.close(resolve)) };
}

test('a port that is taken must be moved, with the variables that name it, and the user’s file left alone', async () => {
  const taken = await listening();
  try {
    const { stack, card } = await brokenBy(publish(taken.port));
    expect(card.explanation).toContain(`process ${process.pid}`);
    const before = await readFile(stack.file('compose.yaml'), 'utf8');
    expect(await press(stack, card, 'port.move')).toEqual([]);
    const published = stack.service('site').ports[0]?.published;
    expect(published).not.toBe(taken.port);
    expect(await stack.exec('front', 'sh', '-c', 'echo $API_URL')).toBe(`http://localhost:${published}/v1\n`);
    expect(await readFile(stack.file('compose.yaml'), 'utf8')).toBe(before);
  } finally {
    await taken.close();
  }
});

test('a program that holds a port must end only when it was named and agreed to', async () => {
  const port = await freePort();
  const holder = spawn(process.execPath, [
    '-e',
    `require("net").createServer().listen(${port},"0.0.0.0",()=>console.log("listening"))`,
  ]);
  try {
    await once(holder.stdout, 'data');
    const { stack, card } = await brokenBy(publish(port));
    const fix = `port.stopHolder:${port}/tcp`;
    const refused = stack.client.stack.fix({ workspace: stack.workspace, service: 'site', fix });
    await expect(refused).rejects.toMatchObject({
      data: { kind: 'data.consentRequired', missing: [expect.stringContaining(`process ${holder.pid}`)] },
    });
    expect(holder.exitCode).toBeNull();
    await press(stack, card, 'port.stopHolder');
    expect(holder.signalCode ?? holder.exitCode).toBe('SIGTERM');
  } finally {
    holder.kill();
  }
});

test('a container that holds a port must be stopped by its name, and kept', async () => {
  const other = await open(import.meta.dirname);
  const port = await freePort();
  await other.edit('compose.yaml', publish(port));
  await other.client.project.reload({ workspace: other.workspace });
  expect(await other.boot()).toEqual({ type: 'done' });
  const { stack, card } = await brokenBy(publish(port));
  expect(await press(stack, card, 'port.stopHolder')).toEqual([`container ${other.name}-site-1`]);
  expect((await other.inspect('site')).state).toBe('exited');
});

test('a mounted folder that went away while the stack stood still must be made', async () => {
  // A boot finds it before anything runs (see first-day); a plain start of what is there meets it in the engine.
  const stack = await open(import.meta.dirname);
  await mkdir(stack.file('pages'));
  await stack.edit('compose.yaml', (yaml) =>
    yaml.replace(
      'init: true',
      'init: true\n    volumes: [{ type: bind, source: ./pages, target: /pages, bind: { create_host_path: false } }]',
    ),
  );
  const { client, workspace } = stack;
  await client.project.reload({ workspace });
  expect(await stack.boot()).toEqual({ type: 'done' });
  expect(await stack.ended(client.stack.stop({ workspace }))).toEqual({ type: 'done' });
  await rm(stack.file('pages'), { recursive: true });
  expect(await stack.ended(client.stack.start({ workspace }))).toMatchObject({ type: 'failed' });
  const card = stack.service('site').failure;
  if (card === undefined) throw new Error('site has no card');
  expect(await press(stack, card, 'path.create')).toEqual([]);
  expect((await stat(stack.file('pages'))).isDirectory()).toBe(true);
});

/** Takes all memory that it may have while that is as little as the file says. */
const HUNGRY =
  '[ "$$(cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max)" -gt 13000000 ] || exec tail /dev/zero; exec sleep 1000';

const mounted = (yaml: string) =>
  yaml
    .replace('init: true', 'volumes: ["./start.sh:/start.sh", "./notes.txt:/notes.txt"]')
    .replace("[sh, -c, 'exec httpd -f -p 80']", '[/start.sh]');

async function withScript(text: string, mode: number): Promise<{ stack: CoreStack; card: FailureCard }> {
  const stack = await open(import.meta.dirname);
  await writeFile(stack.file('start.sh'), text);
  await chmod(stack.file('start.sh'), mode);
  await writeFile(stack.file('notes.txt'), 'kept as\r\nthey are\r\n');
  await stack.edit('compose.yaml', mounted);
  await stack.client.project.reload({ workspace: stack.workspace });
  expect(await stack.boot()).toMatchObject({ type: 'failed' });
  const card = stack.service('site').failure;
  if (card === undefined) throw new Error('site has no card');
  return { stack, card };
}

test('a script with Windows line ends must be converted, and nothing else beside it', async () => {
  const { stack, card } = await withScript('#!/bin/sh\r\nset -e\r\nexec httpd -f -p 80\r\n', 0o755);
  expect(card.rule).toBe('script.crlf');
  expect(await press(stack, card, 'script.lf')).toEqual(['start.sh']);
  expect(await readFile(stack.file('start.sh'), 'utf8')).toBe('#!/bin/sh\nset -e\nexec httpd -f -p 80\n');
  expect((await stat(stack.file('start.sh'))).mode & 0o777).toBe(0o755);
  expect(await readFile(stack.file('notes.txt'), 'utf8')).toBe('kept as\r\nthey are\r\n');
});

test('a script that may not be run must get the permission', async () => {
  const { stack, card } = await withScript('#!/bin/sh\nexec httpd -f -p 80\n', 0o644);
  expect(card.rule).toBe('command.notExecutable');
  expect(await press(stack, card, 'script.executable')).toEqual(['start.sh']);
  expect((await stat(stack.file('start.sh'))).mode & 0o777).toBe(0o755);
});

test('a mounted folder of another owner must be given to the user of the service', async () => {
  const stack = await open(import.meta.dirname);
  await mkdir(stack.file('pages'), { mode: 0o755 });
  await stack.edit('compose.yaml', (yaml) =>
    yaml
      .replace('init: true', 'user: "4321"\n    volumes: ["./pages:/pages"]')
      .replace("'exec httpd -f -p 80'", "'echo hello > /pages/index.html && exec sleep 1000'"),
  );
  await stack.client.project.reload({ workspace: stack.workspace });
  // It may still be about to fail when the boot ends; its card comes when it has.
  await stack.boot();
  const card = await eventually(() => stack.service('site').failure);
  expect(card.rule).toBe('permission');
  expect(await press(stack, card, 'permission.fix')).toEqual([stack.file('pages')]);
  expect((await stat(stack.file('pages'))).uid).toBe(4321);
});

test('a service that is killed for its memory must get twice as much', async () => {
  const stack = await open(import.meta.dirname);
  await stack.edit('compose.yaml', (yaml) =>
    yaml
      .replace('init: true', 'mem_limit: 12m\n    memswap_limit: 12m')
      .replace("'exec httpd -f -p 80'", `'${HUNGRY}'`),
  );
  await stack.client.project.reload({ workspace: stack.workspace });
  // It may still be growing when the boot ends; its card comes when it has ended.
  await stack.boot();
  const card = await eventually(
    () => {
      const { failure } = stack.service('site');
      expect(failure?.rule).toBe('memory');
      return failure;
    },
    { limitMs: 30_000 },
  );
  await press(stack, card, 'memory.double');
  expect(await readFile(stack.file('.slipway/override.yaml'), 'utf8')).toContain('25165824');
});
