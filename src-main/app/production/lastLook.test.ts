import { expect, it } from 'vitest';
import type { DriftRow } from '#contract/requests/production.ts';
import { projectOf } from '#support/planWorld.ts';
import { LastLook } from './lastLook.ts';

const project = (postgres: string) =>
  projectOf(`services:\n  db: {image: postgres:${postgres}}\n  web: {image: nginx:1.26}\n`);

function look(environment: string, db: Pick<DriftRow, 'state' | 'there'>) {
  const row = { words: '', config: [] };
  const rows: DriftRow[] = [
    { ...row, service: 'db', ...db },
    { ...row, service: 'web', state: 'onlyHere' },
  ];
  return { environment, format: 'map', at: 0, rows, problems: [] };
}

it('counts as long as the image runs here that was compared, and again when it comes back', async () => {
  const [old, next] = [await project('15'), await project('17')];
  const last = new LastLook();
  expect(last.apart(old, 'db')).toBeUndefined();
  last.remember(old, look('production', { state: 'versionApart', there: 'postgres:17' }));
  const apart = { environment: 'production', state: 'versionApart', there: 'postgres:17' };
  expect(last.apart(old, 'db')).toEqual(apart);
  expect(last.apart(next, 'db')).toBeUndefined();
  last.remember(next, look('production', { state: 'same', there: 'postgres:17' }));
  expect(last.apart(next, 'db')).toBeUndefined();
  expect(last.apart(old, 'db')).toEqual(apart);
  expect(last.tag('db')).toBe('17');
});

it('is not apart for what runs here only, and forgets another environment', async () => {
  const last = new LastLook();
  const here = await project('15');
  last.remember(here, look('production', { state: 'behind', there: 'postgres:15.9' }));
  last.remember(here, look('staging', { state: 'same', there: 'postgres:15' }));
  expect(last.apart(here, 'db')).toBeUndefined();
  expect(last.apart(here, 'web')).toBeUndefined();
});
