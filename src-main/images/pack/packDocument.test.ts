import { describe, expect, it } from 'vitest';
import { packDocument, tells } from './packDocument.ts';

const DOCUMENT = {
  name: 'shop',
  services: {
    api: {
      build: { context: '/home/ada/shop/api' },
      command: ['serve', '--key', 'k3y-planted-1', '--price', '$5', '--redis', 'r3d!s-planted'],
      environment: { DATABASE_URL: 'postgres://u:p@db/shop', MODE: 'production', EMPTY: null },
      healthcheck: { test: ['CMD-SHELL', 'probe k3y-planted-1'] },
      volumes: [
        { type: 'bind', source: '/home/ada/shop/conf', target: '/conf' },
        { type: 'bind', source: '/run/docker.sock', target: '/run/docker.sock' },
        { type: 'volume', source: 'data', target: '/data' },
      ],
    },
    worker: {
      image: 'acme/worker:1',
      environment: { MODE: 'production', API_KEY: 'k3y-planted-1', DATABASE_URL: 'postgres://other' },
      'x-note': 'k3y-planted-1',
    },
  },
  volumes: { data: { name: 'shop_data' }, shared: { name: 'everybodys' } },
  secrets: { cert: { name: 'shop_cert', file: '/home/ada/cert.pem' } },
  configs: { motd: { name: 'shop_motd', content: 'hello k3y-planted-1' } },
  'x-slipway': { production: { url: 'https://deploy.example.com' } },
};

function packed() {
  return packDocument({
    document: DOCUMENT,
    name: 'shop-pack',
    images: {
      api: { image: 'slipway-pack/shop-api:0123', from: 'pack' },
      worker: { image: 'acme/worker:1@sha256:aa', from: 'registry' },
    },
    interpolated: { REDIS_PASSWORD: 'r3d!s-planted', UNUSED_TOKEN: 'nowhere' },
    placeOf: (source) => (source.startsWith('/home/ada/shop/') ? `./files${source.slice(14)}` : undefined),
  });
}

describe('a packed project', () => {
  it('names images by what exactly ran and asks for every value', () => {
    const { document, variables } = packed();
    expect(document).toMatchObject({
      name: 'shop-pack',
      services: {
        api: {
          image: 'slipway-pack/shop-api:0123',
          pull_policy: 'never',
          command: ['serve', '--key', `\${API_KEY}`, '--price', '$$5', '--redis', `\${REDIS_PASSWORD}`],
          environment: {
            DATABASE_URL: `\${api_DATABASE_URL:?a value for DATABASE_URL of api is wanted}`,
            MODE: `\${MODE:?a value for MODE of api is wanted}`,
            EMPTY: null,
          },
          volumes: [{ source: './files/conf' }, { source: '/run/docker.sock' }, { source: 'data' }],
        },
        worker: { image: 'acme/worker:1@sha256:aa' },
      },
      secrets: { cert: { environment: 'SECRET_CERT' } },
    });
    expect(variables.map(({ name }) => name)).toEqual([
      'API_KEY',
      'MODE',
      'REDIS_PASSWORD',
      'SECRET_CERT',
      'api_DATABASE_URL',
      'worker_DATABASE_URL',
    ]);
  });

  it('holds no value, no source and no word of where production is', () => {
    const text = JSON.stringify(packed().document);
    for (const gone of ['planted', 'postgres://', 'build', 'x-note', 'x-slipway', 'cert.pem'])
      expect(text).not.toContain(gone);
  });

  it('takes its own volumes along and says what is mounted from elsewhere', () => {
    const { document, notes } = packed();
    expect(document['volumes']).toEqual({ data: {}, shared: { name: 'everybodys' } });
    expect(notes).toEqual(['api mounts /run/docker.sock, which is not in this pack.']);
  });
});

describe('what is hidden wherever it stands', () => {
  it.each([
    ['API_TOKEN', 'abcd', true],
    ['API_TOKEN', 'abc', false],
    ['POSTGRES_USER', 'postgres', false],
    ['ENDPOINT', 'https://a', true],
    ['PORT', '3000', false],
  ])('%s=%s: %s', (name, value, expected) => expect(tells(name, value)).toBe(expected));
});
