import { expect, test } from 'vitest';
import { matchGateway } from './gatewayMatch.ts';
import type { GatewayRoute } from './gatewayRoutes.ts';

const route = (service: string, paths: readonly string[] = [], strip = false): GatewayRoute => ({
  service,
  port: 8000,
  protocol: 'http',
  paths,
  strip,
});

const SITES = [
  {
    project: 'shop',
    services: ['api', 'web', 'user_api', 'v1.api', 'postgres'],
    routes: [
      route('api', ['/api'], true),
      route('web', ['']),
      route('user_api', ['/api/users']),
      route('v1.api'),
    ],
  },
  { project: 'api.shop', services: ['web'], routes: [route('web')] },
];

function matched(host: string | undefined, path = '/'): string {
  const match = matchGateway({ host, path }, SITES);
  switch (match.type) {
    case 'route':
      return `${match.route.service} of ${match.site.project} ${match.path}`;
    case 'index':
      return `index ${match.site?.project ?? ''}`.trim();
    case 'noPort':
      return `no port ${match.service}`;
    case 'unknown':
      return `unknown ${match.name}`;
    case 'foreign':
      return 'foreign';
  }
}

test('the host must decide, whatever its case, its port or a dot at its end', () => {
  expect(matched('web.shop.localhost:7080', '/a?b')).toBe('web of shop /a?b');
  expect(matched('WEB.Shop.LocalHost.:7080')).toBe('web of shop /');
  expect(matched('v1.api.shop.localhost')).toBe('v1.api of shop /');
  expect(matched('user-api.shop.localhost')).toBe('user_api of shop /');
  expect(matched('user_api.shop.localhost')).toBe('user_api of shop /');
  expect(matched('web.api.shop.localhost')).toBe('web of api.shop /');
});

test('under the name of the project the longest path rule must decide', () => {
  expect(matched('shop.localhost', '/api/orders?x=1')).toBe('api of shop /orders?x=1');
  expect(matched('shop.localhost', '/api')).toBe('api of shop /');
  expect(matched('shop.localhost', '/api?x=1')).toBe('api of shop /?x=1');
  expect(matched('shop.localhost', '/api/users/1')).toBe('user_api of shop /api/users/1');
  expect(matched('shop.localhost', '/apis')).toBe('web of shop /apis');
  expect(matched('shop.localhost', '/')).toBe('web of shop /');
  expect(matched('api.shop.localhost', '/')).toBe('index api.shop');
});

test('what leads nowhere must say so', () => {
  expect(matched('localhost:7080')).toBe('index');
  expect(matched('127.0.0.1:7080')).toBe('index');
  expect(matched('postgres.shop.localhost')).toBe('no port postgres');
  expect(matched('cart.shop.localhost')).toBe('unknown cart.shop');
  expect(matched('web.shop.example.com')).toBe('foreign');
  expect(matched('evil-localhost')).toBe('foreign');
  expect(matched(undefined)).toBe('foreign');
});
