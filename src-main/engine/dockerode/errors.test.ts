import { describe, expect, test } from 'vitest';
import { cancelled } from '#contract/errors.ts';
import { type About, failureInStream, failureOfAnswer, failureOfConnection } from './errors.ts';

const CONTAINER: About = { what: 'container', id: 'web' };
const pull = (image: string): About => ({ what: 'image', id: image, image });

describe('what an engine answers', () => {
  test.each([
    [404, 'No such container: web', CONTAINER, { kind: 'engine.notFound', what: 'container', id: 'web' }],
    [
      404,
      'get x: no such volume',
      { what: 'volume', id: 'x' },
      { kind: 'engine.notFound', what: 'volume', id: 'x' },
    ],
    [404, 'No such image: pg:1', CONTAINER, { kind: 'engine.notFound', what: 'image', id: 'pg:1' }],
    [
      404,
      'network shop_default not found',
      CONTAINER,
      { kind: 'engine.notFound', what: 'network', id: 'shop_default' },
    ],
    [
      409,
      'Conflict. The container name "/web" is already in use',
      CONTAINER,
      { kind: 'engine.conflict', id: 'web' },
    ],
    [403, 'authorization denied by plugin', CONTAINER, { kind: 'engine.denied' }],
    [500, 'something else', CONTAINER, { kind: 'engine.failed', status: 500, transient: false }],
    [
      403,
      'error while removing network: network x id y has active endpoints',
      { what: 'network', id: 'x' },
      { kind: 'engine.failed', transient: true },
    ],
    [
      500,
      'driver failed programming external connectivity on endpoint web: (iptables failed)',
      CONTAINER,
      { kind: 'engine.failed', transient: true },
    ],
    [
      500,
      'read tcp 10.0.0.1:80: read: connection reset by peer',
      CONTAINER,
      { kind: 'engine.failed', transient: true },
    ],
    [
      400,
      'invalid mount config for type "bind": bind source path does not exist: /src/my app',
      CONTAINER,
      { kind: 'path.missing', path: '/src/my app' },
    ],
    [
      500,
      'failed to copy: write /var/lib/docker/tmp/x: no space left on device',
      CONTAINER,
      { kind: 'disk.full', where: '/var/lib/docker/tmp/x' },
    ],
    [
      404,
      'image with reference pg:1 was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64',
      CONTAINER,
      { kind: 'image.platform', wanted: 'linux/arm64', available: ['linux/amd64'] },
    ],
  ] as const)('%i %s', (status, message, about, expected) => {
    expect(failureOfAnswer(status, message, about).error).toMatchObject(expected);
  });

  test.each([
    [
      'driver failed programming external connectivity on endpoint web (1a): Bind for 0.0.0.0:8080 failed: port is already allocated',
      8080,
      'tcp',
    ],
    [
      'driver failed programming external connectivity on endpoint web (1a): Error starting userland proxy: listen tcp4 0.0.0.0:5432: bind: address already in use',
      5432,
      'tcp',
    ],
    [
      'driver failed programming external connectivity on endpoint web (1a): Error starting userland proxy: listen udp4 127.0.0.1:53: bind: address already in use',
      53,
      'udp',
    ],
    [
      'failed to set up container networking: driver failed programming external connectivity on endpoint web (1a): failed to bind host port for 0.0.0.0:6379:172.17.0.2:6379/tcp: address already in use',
      6379,
      'tcp',
    ],
    ['failed to bind host port 127.0.0.1:6380/tcp: address already in use', 6380, 'tcp'],
    [
      'Ports are not available: exposing port TCP 0.0.0.0:3000 -> 127.0.0.1:0: listen tcp 0.0.0.0:3000: bind: address already in use',
      3000,
      'tcp',
    ],
    ['Bind for [::]:9000 failed: port is already allocated', 9000, 'tcp'],
    ['rootlessport listen tcp 0.0.0.0:8081: bind: address already in use', 8081, 'tcp'],
  ])('a port that is taken: %s', (message, port, protocol) => {
    expect(failureOfAnswer(500, message, CONTAINER).error).toMatchObject({
      kind: 'port.inUse',
      port,
      protocol,
    });
  });

  test('an address of a container that is taken is not a port', () => {
    const message = 'failed to set up container networking: Address already in use';
    expect(failureOfAnswer(403, message, CONTAINER).error.kind).not.toBe('port.inUse');
  });
});

describe('what a registry answers, as the engine retells it', () => {
  test.each([
    [
      'manifest for postgres:99 not found: manifest unknown: manifest unknown',
      'postgres:99',
      { kind: 'image.notFound', image: 'postgres:99' },
    ],
    [
      "pull access denied for postgress, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      'postgress',
      { kind: 'image.notFound' },
    ],
    [
      "pull access denied for ghcr.io/a/b, repository does not exist or may require 'docker login': denied",
      'ghcr.io/a/b:1',
      { kind: 'image.denied', registry: 'ghcr.io' },
    ],
    [
      'Head "http://127.0.0.1:5001/v2/a/manifests/1": no basic auth credentials',
      '127.0.0.1:5001/a:1',
      { kind: 'image.denied', registry: '127.0.0.1:5001' },
    ],
    ['Get "https://r.io/v2/": unauthorized: authentication required', 'r.io/a:1', { kind: 'image.denied' }],
    [
      'denied: Your authorization token has expired. Reauthenticate and try again.',
      '1.dkr.ecr.eu.amazonaws.com/a:1',
      { kind: 'image.expiredLogin' },
    ],
    [
      'toomanyrequests: You have reached your pull rate limit.',
      'postgres:15',
      { kind: 'image.rateLimited', registry: 'docker.io' },
    ],
    [
      'no matching manifest for linux/arm64/v8 in the manifest list entries',
      'old:1',
      { kind: 'image.platform', wanted: 'linux/arm64/v8' },
    ],
    ['filesystem layer verification failed for digest sha256:1', 'a:1', { kind: 'image.corrupt' }],
    [
      'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
      'a:1',
      { kind: 'registry.unreachable', reason: 'network', registry: 'docker.io' },
    ],
    [
      'Get "https://r.io/v2/": x509: certificate signed by unknown authority',
      'r.io/a:1',
      { kind: 'registry.unreachable', reason: 'tls' },
    ],
    [
      'Get "https://r.io/v2/": http: server gave HTTP response to HTTPS client',
      'r.io/a:1',
      { kind: 'registry.unreachable', reason: 'protocol' },
    ],
    [
      'Get "https://r.io/v2/": proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused',
      'r.io/a:1',
      { kind: 'registry.unreachable', reason: 'proxy' },
    ],
    ['unexpected EOF', 'a:1', { kind: 'engine.failed', transient: true }],
    [
      'failed to register layer: Error processing tar file(exit status 1): write /x: no space left on device',
      'a:1',
      { kind: 'disk.full' },
    ],
  ] as const)('%s', (message, image, expected) => {
    expect(failureInStream(message, pull(image)).error).toMatchObject(expected);
  });
});

describe('a connection that fails', () => {
  test.each([
    ['ENOENT', 'absent'],
    ['ECONNREFUSED', 'refused'],
    ['EACCES', 'denied'],
    ['ECONNRESET', 'lost'],
    ['EPIPE', 'lost'],
  ])('%s is %s', (code, reason) => {
    const failure = failureOfConnection(Object.assign(new Error('x'), { code }), 'unix:///x');
    expect(failure.error).toMatchObject({ kind: 'engine.unreachable', endpoint: 'unix:///x', reason });
  });

  test('an abort is what it was, whatever the connection said', () => {
    const reset = Object.assign(new Error('x'), { code: 'ECONNRESET' });
    expect(failureOfConnection(reset, 'x', AbortSignal.abort()).error.kind).toBe('cancelled');
    const reason = failureOfAnswer(404, 'gone', CONTAINER);
    expect(failureOfConnection(reset, 'x', AbortSignal.abort(reason))).toBe(reason);
    expect(failureOfConnection(cancelled(), 'x').error.kind).toBe('cancelled');
  });
});
