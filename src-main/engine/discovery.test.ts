import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isKind } from '#contract/errors.ts';
import { discoverEndpoints, type EngineEnvironment } from './discovery.ts';
import { parseEngineAddress } from './endpoints.ts';
import { noEngine } from './noEngine.ts';

function environment(
  variables: Record<string, string> = {},
  files: Record<string, string> = {},
  platform = 'linux',
): EngineEnvironment {
  return { platform, home: '/home/ada', userId: 1000, variables, readFile: async (path) => files[path] };
}

const found = async (from: EngineEnvironment) =>
  (await discoverEndpoints(from)).map(({ source, url }) => `${source}: ${url}`);

function context(name: string, docker: object, tls: Record<string, string> = {}): Record<string, string> {
  const hash = createHash('sha256').update(name).digest('hex');
  const folder = '/home/ada/.docker/contexts';
  const material = Object.entries(tls).map(([file, text]) => [`${folder}/tls/${hash}/docker/${file}`, text]);
  return {
    [`${folder}/meta/${hash}/meta.json`]: JSON.stringify({ Name: name, Endpoints: { docker } }),
    ...Object.fromEntries(material),
  };
}

describe('where an engine may be', () => {
  test('DOCKER_HOST stands alone, before any context', async () => {
    const files = { '/home/ada/.docker/config.json': '{"currentContext": "colima"}' };
    expect(await found(environment({ DOCKER_HOST: 'tcp://build:2375', DOCKER_CONTEXT: 'x' }, files))).toEqual(
      ['DOCKER_HOST: tcp://build:2375'],
    );
  });

  test('DOCKER_TLS_VERIFY brings the certificates of DOCKER_CERT_PATH', async () => {
    const variables = { DOCKER_HOST: 'tcp://build', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    const files = { '/certs/ca.pem': 'CA', '/certs/cert.pem': 'CERT', '/certs/key.pem': 'KEY' };
    const [endpoint] = await discoverEndpoints(environment(variables, files));
    const tls = { ca: 'CA', cert: 'CERT', key: 'KEY', skipVerify: false };
    expect(endpoint?.address).toEqual({ type: 'tcp', host: 'build', port: 2376, tls });
  });

  test('the current context of the configuration stands alone', async () => {
    const files = {
      '/home/ada/.docker/config.json': '{"currentContext": "colima"}',
      ...context('colima', { Host: 'unix:///home/ada/.colima/default/docker.sock' }),
    };
    expect(await found(environment({}, files))).toEqual([
      'docker context "colima": unix:///home/ada/.colima/default/docker.sock',
    ]);
  });

  test("a context's TLS material comes along", async () => {
    const files = context('far', { Host: 'tcp://far:2376', SkipTLSVerify: false }, { 'ca.pem': 'CA' });
    const [endpoint] = await discoverEndpoints(environment({ DOCKER_CONTEXT: 'far' }, files));
    expect(endpoint?.address).toMatchObject({ tls: { ca: 'CA', skipVerify: false } });
  });

  test('the context "default" means the usual places', async () => {
    const files = { '/home/ada/.docker/config.json': '{"currentContext": "default"}' };
    expect((await found(environment({}, files)))[0]).toBe('Docker: unix:///var/run/docker.sock');
  });

  test('a context that does not exist is said so, not skipped', async () => {
    const thrown = await discoverEndpoints(environment({ DOCKER_CONTEXT: 'gone' })).catch(
      (failure) => failure,
    );
    expect(isKind(thrown, 'engine.unreachable')).toBe(true);
    expect(thrown.message).toBe('The docker context "gone" does not exist.');
  });

  test('a DOCKER_HOST that is no address is said so', async () => {
    const thrown = await discoverEndpoints(environment({ DOCKER_HOST: 'gopher://x' })).catch(
      (failure) => failure,
    );
    expect(isKind(thrown, 'engine.unreachable')).toBe(true);
  });

  test('a broken configuration file does not hide the engine', async () => {
    expect((await found(environment({}, { '/home/ada/.docker/config.json': '{' })))[0]).toContain(
      '/var/run/docker.sock',
    );
  });

  test('the usual sockets, in order', async () => {
    expect(await found(environment())).toEqual([
      'Docker: unix:///var/run/docker.sock',
      'Docker rootless: unix:///run/user/1000/docker.sock',
      'Docker Desktop: unix:///home/ada/.docker/run/docker.sock',
      'Docker Desktop: unix:///home/ada/.docker/desktop/docker.sock',
      'Colima: unix:///home/ada/.colima/default/docker.sock',
      'Colima: unix:///home/ada/.config/colima/default/docker.sock',
      'OrbStack: unix:///home/ada/.orbstack/run/docker.sock',
      'Rancher Desktop: unix:///home/ada/.rd/docker.sock',
      'Lima: unix:///home/ada/.lima/docker/sock/docker.sock',
      'Podman: unix:///run/user/1000/podman/podman.sock',
      'Podman: unix:///run/podman/podman.sock',
    ]);
  });

  test('the named pipes of Windows', async () => {
    expect((await found(environment({}, {}, 'win32')))[0]).toBe('Docker: npipe:////./pipe/docker_engine');
  });
});

describe('an address', () => {
  test.each([
    ['unix:///run/x.sock', { type: 'unix', path: '/run/x.sock' }],
    ['unix://', { type: 'unix', path: '/var/run/docker.sock' }],
    ['npipe:////./pipe/docker_engine', { type: 'npipe', path: '//./pipe/docker_engine' }],
    ['build', { type: 'tcp', host: 'build', port: 2375 }],
    ['tcp://build:80', { type: 'tcp', host: 'build', port: 80 }],
    ['tcp://[::1]:2375', { type: 'tcp', host: '::1', port: 2375 }],
    ['ssh://ada@far:2222', { type: 'ssh', host: 'far', port: 2222, user: 'ada' }],
    ['ssh://far/run/podman.sock', { type: 'ssh', host: 'far', path: '/run/podman.sock' }],
  ])('%s', (text, address) => {
    expect(parseEngineAddress(text)).toMatchObject(address);
  });

  test.each(['', 'gopher://x', 'ssh://-oProxyCommand=evil', 'tcp://'])('%j is none', (text) => {
    expect(parseEngineAddress(text)).toBeUndefined();
  });
});

describe('when no engine answers', () => {
  const endpoint = (source: string, path: string, explicit = false) =>
    ({ address: { type: 'unix', path }, url: `unix://${path}`, source, explicit }) as const;
  const unreachable = (reason: 'absent' | 'refused' | 'denied') =>
    ({ kind: 'engine.unreachable', endpoint: '', reason, message: '' }) as const;

  test('a closed door beats empty places, and says how to open it', () => {
    const failure = noEngine(
      [
        { endpoint: endpoint('Docker', '/var/run/docker.sock'), error: unreachable('denied') },
        { endpoint: endpoint('Colima', '/c'), error: unreachable('absent') },
      ],
      'linux',
    );
    expect(failure.error).toMatchObject({
      reason: 'denied',
      message: 'This user may not talk to Docker (unix:///var/run/docker.sock).',
      hint: 'Add yourself to the docker group (sudo usermod -aG docker "$USER"), then log in again.',
    });
  });

  test('nothing anywhere names every place', () => {
    const attempts = [
      { endpoint: endpoint('Docker', '/a'), error: unreachable('absent') },
      { endpoint: endpoint('Colima', '/b'), error: unreachable('absent') },
    ];
    expect(noEngine(attempts, 'linux').error).toMatchObject({
      reason: 'absent',
      message:
        'No container engine was found. Tried: Docker unix:///a (nothing there), Colima unix:///b (nothing there).',
    });
  });

  test('one that is not running says how it is started', () => {
    const attempts = [{ endpoint: endpoint('Colima', '/b'), error: unreachable('refused') }];
    expect(noEngine(attempts, 'darwin').error).toMatchObject({
      reason: 'refused',
      hint: 'Start it: colima start.',
    });
  });

  test('one that is too old is said so', () => {
    const tooOld = { kind: 'engine.tooOld', apiVersion: '1.40', minimum: '1.41', message: 'old' } as const;
    const attempts = [
      { endpoint: endpoint('Docker', '/a'), error: tooOld },
      { endpoint: endpoint('Colima', '/b'), error: unreachable('absent') },
    ];
    expect(noEngine(attempts, 'linux').error.kind).toBe('engine.tooOld');
  });
});
