import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pullKeeping } from '#app/pullKeeping.ts';
import { AppFailure } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import type { RegistryAuth } from '#engine/images.ts';
import { logIn, logOut } from '#images/login.ts';
import { LayersHere } from '#images/registry/layersHere.ts';
import { preflight } from '#images/registry/preflight.ts';
import { resolveImage } from '#images/registry/remoteImage.ts';
import { registryAuth } from '#images/registryAuth.ts';
import { ensureHub } from '../../hub/hub.ts';
import { PRIVATE_REGISTRY } from '../../hub/registries.ts';
import { openTestEngine } from '../../support/realEngine.ts';
import { docker } from '../cli/runCli.ts';
import { ACCOUNT, type Fault, TestRegistry } from './testRegistry.ts';

/** An engine asks for a broken layer again and again; a moment of that shows enough. */
const ENGINE_RETRIES_MS = 6_000;

let engine: Engine;
let registry: TestRegistry;
let image: string;

beforeAll(async () => {
  engine = await openTestEngine();
  registry = await TestRegistry.start();
  image = `${registry.host}/acme/tiny:1`;
  await docker('pull', '-q', 'busybox:1');
  await docker('tag', 'busybox:1', image);
  expect((await docker('push', '-q', image)).status).toBe(0);
  await docker('rmi', image);
});
afterAll(async () => {
  await registry.stop();
  await engine.close();
});
afterEach(() => {
  registry.fault = 'none';
  registry.login = 'open';
});

function resolve(name: string, auth?: RegistryAuth, platform = 'linux/amd64') {
  return resolveImage({ image: name, platform, mirrors: [], authFor: async () => auth, fetch });
}

async function failure(work: Promise<unknown>) {
  const thrown: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof AppFailure) return thrown.error;
  throw new Error(`no failure of ours: ${String(thrown)}`);
}

const auth: RegistryAuth = { serverAddress: 'x', ...ACCOUNT };

describe('a registry', () => {
  it('tells digest, layers, size and configuration, and the pulls that are left', async () => {
    const found = await resolve(image);
    const local = await engine.inspectImage('busybox:1');
    expect(found.digest).toBe(registry.digestOf('acme/tiny', '1'));
    expect(found.configDigest).toBe(local?.id);
    expect(found.diffIds).toEqual(local?.layers);
    expect(found.quota).toEqual({ limit: 100, remaining: 76, windowSeconds: 21600 });
    expect(found.config.env).toContain('PATH');
    expect(JSON.stringify(found)).not.toContain('/usr/local/sbin');
  });

  const cases: readonly (readonly [Fault, object])[] = [
    ['rateLimited', { kind: 'image.rateLimited', retryAfterMs: 77_000 }],
    ['forbidden', { kind: 'image.denied' }],
    ['html', { kind: 'registry.unreachable', reason: 'protocol' }],
    ['dropManifest', { kind: 'registry.unreachable', reason: 'network' }],
    ['corruptManifest', { kind: 'image.corrupt' }],
  ];
  it.each(cases)('that fails with %s is told in its own words', async (fault, expected) => {
    registry.fault = fault;
    const error = await failure(resolve(image));
    expect(error).toMatchObject(expected);
    expect(error.message).toContain(registry.host);
  });

  it('tells a missing repository, a missing tag and a missing platform apart', async () => {
    const repository = await failure(resolve(`${registry.host}/acme/none:1`));
    const tag = await failure(resolve(`${registry.host}/acme/tiny:none`));
    expect([repository.kind, tag.kind]).toEqual(['image.notFound', 'image.notFound']);
    expect(repository.message).toContain('no repository');
    expect(tag.hint).toContain('tag');
    expect(await failure(resolve(image, undefined, 'linux/s390x'))).toMatchObject({
      kind: 'image.platform',
      wanted: 'linux/s390x',
      available: ['linux/amd64'],
    });
  });

  it.each(['basic', 'token'] as const)(
    'with a login by %s: not logged in, logged in, expired',
    async (login) => {
      registry.login = login;
      expect(await failure(resolve(image))).toMatchObject({ kind: 'image.denied' });
      expect((await resolve(image, auth)).digest).toBe(registry.digestOf('acme/tiny', '1'));
      const wrong = { ...auth, password: 'old' };
      expect(await failure(resolve(image, wrong))).toMatchObject({ kind: 'image.expiredLogin' });
      registry.fault = 'expired';
      expect(await failure(resolve(image, auth))).toMatchObject({ kind: 'image.expiredLogin' });
    },
  );

  it('that is not there, or speaks no TLS, is told so', async () => {
    expect(await failure(resolve('127.0.0.1:9/acme/api:1'))).toMatchObject({
      kind: 'registry.unreachable',
      reason: 'network',
    });
    const tls = `https://${registry.host}`;
    const request = {
      image: 'acme/api:1',
      platform: 'linux/amd64',
      mirrors: [tls, tls],
      authFor: async () => undefined,
      fetch: (input: string | URL | Request, init?: RequestInit) =>
        String(input).startsWith('https://registry-1')
          ? Promise.reject(new TypeError('x'))
          : fetch(input, init),
    };
    expect(await failure(resolveImage(request))).toMatchObject({
      kind: 'registry.unreachable',
      reason: 'protocol',
    });
  });

  it('that breaks off in the middle of a layer is asked for the rest of it', async () => {
    const own = `${registry.host}/acme/cut:1`;
    await registry.publish('acme/cut', '1');
    registry.ranges.length = 0;
    registry.fault = 'cutLayerOnce';
    await engine.pullImage({ reference: own, signal: AbortSignal.timeout(5 * ENGINE_RETRIES_MS) });
    expect(registry.ranges).toEqual([expect.stringMatching(/^[1-9]\d*-$/)]);
    expect(await engine.inspectImage(own)).toBeDefined();
    await engine.removeImage(own);
  });

  it('is not asked again for the layers that a cancelled pull had finished', async () => {
    const own = `${registry.host}/acme/cancelled:1`;
    const layers = await registry.publish('acme/cancelled', '1', 3);
    registry.fault = 'holdLastLayer';
    const cancel = new AbortController();
    const done = new Set<string>();
    const logins = { environment: {}, home: os.tmpdir() };
    const pull = pullKeeping({
      engine,
      logins,
      image: own,
      signal: cancel.signal,
      onProgress: ({ layer, phase }) => {
        if (phase === 'done') done.add(layer);
        if (done.size === layers.length - 1) cancel.abort();
      },
    });
    expect(await failure(pull)).toMatchObject({ kind: 'cancelled' });
    registry.fault = 'none';
    registry.asked.length = 0;
    await pullKeeping({ engine, logins, image: own });
    expect(registry.asked.filter((asked) => layers.some((layer) => asked.endsWith(layer)))).toEqual([
      `GET /v2/acme/cancelled/blobs/${layers.at(-1)}`,
    ]);
    expect(await engine.listImages({ reference: 'slipway-kept-layers' })).toEqual([]);
    await engine.removeImage(own);
  });

  it.each(['corruptLayer', 'truncatedLayer'] as const)(
    'whose layer is wrong (%s) never makes an image',
    async (fault) => {
      const own = `${registry.host}/acme/${fault.toLowerCase()}:1`;
      await registry.publish(`acme/${fault.toLowerCase()}`, '1');
      registry.fault = fault;
      const error = await failure(
        engine.pullImage({ reference: own, signal: AbortSignal.timeout(ENGINE_RETRIES_MS) }),
      );
      if (fault === 'corruptLayer') expect(error.kind).toBe('image.corrupt');
      expect(await engine.inspectImage(own)).toBeUndefined();
      registry.fault = 'none';
      // The same image, sent right, is taken: nothing of the wrong one was kept.
      await engine.pullImage({ reference: own });
      expect(await engine.inspectImage(own)).toBeDefined();
      await engine.removeImage(own);
    },
  );

  it('is asked for twenty images at once, its login read once', async () => {
    registry.login = 'token';
    let logins = 0;
    const digest = registry.digestOf('acme/tiny', '1');
    const many = Array.from({ length: 18 }, (_, index) => `${registry.host}/acme/tiny:t${index}@${digest}`);
    const checks = await preflight({
      images: [...many, image, `${registry.host}/acme/gone:1`],
      platform: 'linux/amd64',
      mirrors: [],
      local: new LayersHere([]),
      fetch,
      authFor: async () => {
        logins += 1;
        return auth;
      },
    });
    expect(logins).toBe(1);
    expect(checks.find((check) => check.image.includes('gone'))).toMatchObject({
      type: 'failed',
      error: { kind: 'image.notFound' },
    });
    expect(checks.find((check) => check.image === image)).toMatchObject({ type: 'ok', login: 'stored' });
  });
});

describe('a login', () => {
  let home: string;
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('is checked, then kept as docker keeps it, and forgotten again', async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'slipway-login-'));
    const places = { environment: { DOCKER_CONFIG: home, PATH: '' }, home };
    registry.login = 'token';
    const wrong = { registry: registry.host, username: 'ada', password: 'no' };
    expect(await failure(logIn(wrong, places, { fetch }))).toMatchObject({ kind: 'image.denied' });
    await writeFile(path.join(home, 'config.json'), '{"detachKeys": "ctrl-e"}');
    const kept = await logIn({ registry: registry.host, ...ACCOUNT }, places, { fetch });
    expect(kept).toEqual({ keptIn: path.join(home, 'config.json'), inClear: true });
    expect((await stat(kept.keptIn)).mode & 0o777).toBe(0o600);
    expect(await registryAuth(image, places)).toMatchObject(ACCOUNT);
    expect(await logOut(registry.host, places)).toEqual({ removed: true });
    expect(await registryAuth(image, places)).toBeUndefined();
    expect(JSON.parse(await readFile(kept.keptIn, 'utf8'))).toEqual({ detachKeys: 'ctrl-e', auths: {} });
  });

  it('goes into a store where there is one, and never into the file', async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'slipway-login-'));
    const helper = path.join(home, 'docker-credential-teststore');
    await writeFile(helper, STORE, { mode: 0o755 });
    await writeFile(path.join(home, 'config.json'), '{"credsStore": "teststore"}');
    const places = {
      environment: { DOCKER_CONFIG: home, PATH: `${home}:${process.env['PATH']}`, STORE: home },
      home,
    };
    registry.login = 'basic';
    const kept = await logIn({ registry: registry.host, ...ACCOUNT }, places, { fetch });
    expect(kept).toEqual({ keptIn: 'teststore', inClear: false });
    const text = await readFile(path.join(home, 'config.json'), 'utf8');
    expect(text).not.toContain(ACCOUNT.password);
    expect(text).not.toContain(Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64'));
    expect(await registryAuth(image, places)).toMatchObject(ACCOUNT);
    expect(await logOut(registry.host, places)).toEqual({ removed: true });
    expect(await registryAuth(image, places)).toBeUndefined();
  });
});

/** A credential helper as docker's protocol wants it, keeping one login in a file. */
const STORE = `#!/bin/sh
file="$STORE/kept.json"
case "$1" in
  store) cat > "$file" ;;
  get) [ -f "$file" ] && cat "$file" || { echo "credentials not found in native keychain"; exit 1; } ;;
  erase) cat > /dev/null; rm -f "$file" ;;
  version) echo test ;;
esac
`;

describe('the registry of the hub that wants a login', () => {
  it('serves its image to who is logged in, and to nobody else', async () => {
    const hub = await ensureHub({ only: ['busybox'] });
    if (hub.source !== 'stand-in') return;
    const name = `${PRIVATE_REGISTRY.host}/acme/api:1`;
    expect(await failure(resolve(name))).toMatchObject({
      kind: 'image.denied',
      registry: PRIVATE_REGISTRY.host,
    });
    const login = { serverAddress: PRIVATE_REGISTRY.host, ...PRIVATE_REGISTRY };
    expect((await resolve(name, login)).digest).toMatch(/^sha256:/);
  });
});
