import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AppFailure } from '#contract/errors.ts';
import { resolveImage } from './remoteImage.ts';
import { UNTRUSTED } from './untrusted.fixture.ts';

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** What asking a mirror at this address fails with; Docker Hub behind it cannot be reached. */
async function failureAt(address: string) {
  const request = {
    image: 'acme/api:1',
    platform: 'linux/amd64',
    mirrors: [address],
    authFor: async () => undefined,
    fetch: (input: string | URL | Request, init?: RequestInit) =>
      String(input).startsWith('https://registry-1')
        ? Promise.reject(new TypeError('x'))
        : fetch(input, init),
  };
  const thrown: unknown = await resolveImage(request).catch((reason: unknown) => reason);
  if (thrown instanceof AppFailure) return thrown.error;
  throw new Error(`no failure of ours: ${String(thrown)}`);
}

const answering = (listener: RequestListener) => listening(createServer(listener));

describe('a way to a registry that fails', () => {
  it('says that its certificate is not trusted', async () => {
    const port = await listening(createTlsServer(UNTRUSTED, (_, response) => response.end()));
    const error = await failureAt(`https://127.0.0.1:${port}`);
    expect(error).toMatchObject({ kind: 'registry.unreachable', reason: 'tls' });
    expect(error.message).toContain('not trusted');
  });

  it('says that a proxy on the way wants a login', async () => {
    const port = await answering((_, response) => response.writeHead(407).end());
    expect(await failureAt(`http://127.0.0.1:${port}`)).toMatchObject({
      kind: 'registry.unreachable',
      reason: 'proxy',
    });
  });

  it('says that nobody listens, and that the name does not exist', async () => {
    expect(await failureAt('http://127.0.0.1:9')).toMatchObject({ reason: 'network' });
    const nowhere = await failureAt('http://registry.invalid');
    expect(nowhere).toMatchObject({ kind: 'registry.unreachable', reason: 'network' });
    expect(nowhere.message).toContain('cannot be found');
  });

  it('says when to come back, given as seconds or as a date', async () => {
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    for (const after of ['60', inAMinute]) {
      const port = await answering((_, response) => response.writeHead(429, { 'retry-after': after }).end());
      const error = await failureAt(`http://127.0.0.1:${port}`);
      expect(error).toMatchObject({ kind: 'image.rateLimited' });
      const { retryAfterMs = 0 } = error as { retryAfterMs?: number };
      expect(retryAfterMs).toBeGreaterThan(50_000);
      expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    }
  });

  it('tells an answer of no registry from a broken one', async () => {
    const page = await answering((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>'),
    );
    expect(await failureAt(`http://127.0.0.1:${page}`)).toMatchObject({ reason: 'protocol' });
    const broken = await answering((_, response) => response.writeHead(502).end());
    expect((await failureAt(`http://127.0.0.1:${broken}`)).message).toContain('502');
  });
});
