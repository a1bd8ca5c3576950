import { expect, test } from 'vitest';
import type { Lane } from '#middleware/lane.ts';
import { forgottenVolumes } from './doctorProject.ts';

test('the data of another version is a way back, not a forgotten volume', () => {
  const lanes = [lane('15', 'shop_data'), lane('17', 'shop_data--17')];
  const volumes = [{ name: 'shop_data' }, { name: 'shop_data--17' }, { name: 'shop_uploads' }];
  const project = { volumes: { data: { name: 'shop_data--17' } } };
  expect(forgottenVolumes(volumes, { project, lanes })).toEqual([{ name: 'shop_uploads' }]);
});

function lane(version: string, source: string): Lane {
  const image = `postgres:${version}`;
  const times = { createdAt: 1, usedAt: 1 };
  return {
    service: 'db',
    product: 'postgres',
    lane: version,
    source,
    type: 'volume',
    image,
    origin: 'file',
    ...times,
  };
}
