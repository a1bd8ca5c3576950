import { expect, it } from 'vitest';
import type { VersionMenu } from '#contract/requests/versions.ts';
import { matchingTags } from './matchingTags.ts';

const offer = (tag: string) => ({ tag, inUse: tag === '15', onMachine: true, production: false });
const menu: VersionMenu = {
  service: 'db',
  product: 'postgres',
  title: 'Postgres',
  image: 'postgres:15',
  current: '15',
  offers: ['17', '15'].map(offer),
  allTags: ['17.1-alpine', '17', '15', '9.6.17'],
  keepsData: true,
};

it('shows the menu until something is typed', () => {
  expect(matchingTags(menu, ' ')).toBe(menu.offers);
});

it('searches every tag, those that begin with it first', () => {
  expect(matchingTags(menu, '17').map((found) => found.tag)).toEqual(['17.1-alpine', '17', '9.6.17']);
  expect(matchingTags(menu, 'ALPINE').map((found) => found.tag)).toEqual(['17.1-alpine']);
  expect(matchingTags(menu, 'nope')).toEqual([]);
});
