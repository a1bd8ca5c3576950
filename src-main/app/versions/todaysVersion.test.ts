import { expect, test } from 'vitest';
import type { VersionMenu, VersionOffer } from '#contract/requests/versions.ts';
import { todaysOffer } from './todaysVersion.ts';

const offer = (tag: string, more: Partial<VersionOffer> = {}): VersionOffer => ({
  tag,
  inUse: false,
  onMachine: false,
  production: false,
  ...more,
});
const menu = (offers: readonly VersionOffer[], offline?: string): VersionMenu => ({
  service: 'db',
  product: 'postgres',
  title: 'PostgreSQL',
  image: 'postgres:9.4.1',
  offers,
  allTags: [],
  keepsData: true,
  offline,
});
const NOW = Date.parse('2026-06-01');

test('of all that the registry has, the newest is chosen', () => {
  expect(todaysOffer(menu([offer('18'), offer('17', { onMachine: true })]), NOW)?.tag).toBe('18');
});

test('without the registry, only what is on this machine can be chosen', () => {
  const offers = [
    offer('18'),
    offer('17', { onMachine: true }),
    offer('9.4.1', { inUse: true, onMachine: true }),
  ];
  expect(todaysOffer(menu(offers, 'no network'), NOW)?.tag).toBe('17');
  expect(todaysOffer(menu([offer('18')], 'no network'), NOW)).toBeUndefined();
});

test('one that its makers have given up is chosen only where there is no other', () => {
  const old = offer('13', { endOfLife: '2025-11-13' });
  expect(todaysOffer(menu([old, offer('12')]), NOW)?.tag).toBe('12');
  expect(todaysOffer(menu([old]), NOW)?.tag).toBe('13');
});
