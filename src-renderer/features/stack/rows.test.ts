import { expect, test } from 'vitest';
import type { ServiceName } from '#contract/ids.ts';
import { failedShop } from '#support/window/stacks.ts';
import { nextSelection } from './listKeys.ts';
import { listRows, sameRows } from './rows.ts';
import { describeService, progressText, versionText } from './words.ts';

const NOW = 100_000_000;
const services = failedShop(NOW);
const drawn = (filter: string, group: 'none' | 'state' = 'none') =>
  listRows(services, { filter, group })
    .map((row) => (row.type === 'group' ? `${row.title} ${row.count}:` : row.name))
    .join(' ');

test('the filter looks at names, images and what they do; every word counts', () => {
  expect(drawn('')).toBe('gateway storefront api worker postgres redis rabbitmq migrate');
  expect(drawn('RE')).toBe('gateway storefront api postgres redis'); // the gateway waits for the storefront
  expect(drawn('nginx')).toBe('gateway');
  expect(drawn('waits')).toBe('gateway storefront');
  expect(drawn('waits nginx')).toBe('gateway');
  expect(drawn('nothing')).toBe('');
});

test('in groups, what failed comes first, and empty groups are left out', () => {
  expect(drawn('', 'state')).toBe(
    'Failed 1: api On the way 2: gateway storefront Running 4: worker postgres redis rabbitmq Done 1: migrate',
  );
});

test('rows are the same while only what services do changes', () => {
  const rows = listRows(services, { filter: '', group: 'none' });
  const later = services.map((entry) => ({ ...entry, status: { type: 'absent' as const } }));
  expect(sameRows(rows, listRows(later, { filter: '', group: 'none' }))).toBe(true);
  expect(sameRows(rows, listRows(services.slice(1), { filter: '', group: 'none' }))).toBe(false);
});

test('keys move the selection over services only, and stop at the ends', () => {
  const rows = listRows(services, { filter: '', group: 'state' });
  const name = (text: string) => text as ServiceName;
  expect(nextSelection(rows, name('api'), 'ArrowDown')).toBe('gateway');
  expect(nextSelection(rows, name('api'), 'ArrowUp')).toBe('api');
  expect(nextSelection(rows, name('api'), 'End')).toBe('migrate');
  expect(nextSelection(rows, undefined, 'j')).toBe('api');
  expect(nextSelection(rows, name('api'), 'q')).toBeUndefined();
});

function service(name: string) {
  const found = services.find((entry) => entry.name === name);
  if (!found) throw new Error(`The fixture has no ${name}.`);
  return found;
}

test('a row says what else one should know', () => {
  expect(describeService(service('worker'), NOW)).toBe('running for 12 min · 2 replicas');
  const one = {
    ...service('worker'),
    replicas: service('worker').replicas.slice(1),
    diverged: 'image changed',
  };
  expect(describeService(one, NOW)).toBe(
    'running for 12 min · 1 of 2 replicas · differs from the file: image changed',
  );
});

test('a version is a product and its version, a name and its tag, or built here', () => {
  expect(versionText(service('postgres'))).toBe('postgres 15');
  expect(versionText(service('worker'))).toBe('built here');
  const plain = { ...service('redis'), middleware: undefined };
  expect(versionText({ ...plain, image: 'ghcr.io:443/acme/tool' })).toBe('tool latest');
  expect(versionText({ ...plain, image: 'acme/tool:2.1' })).toBe('tool 2.1');
  expect(versionText({ ...plain, image: 'acme/tool@sha256:0123456789abcdef' })).toBe('tool 01234567');
});

test('progress names its unit once', () => {
  expect(progressText({ current: 12.4e6, total: 41e6, unit: 'bytes' })).toBe('12 of 41 MB');
  expect(progressText({ current: 900e3, total: 41e6, unit: 'bytes' })).toBe('900 kB of 41 MB');
  expect(progressText({ current: 3, total: 9, unit: 'layers' })).toBe('3 of 9');
});
