import { describe, expect, it } from 'vitest';
import type { CheckpointView, VolumeView } from '#contract/requests/data.ts';
import { describeContent, describeVolume, shortVolume } from './words.ts';

const volume: VolumeView = {
  name: 'shop_pgdata',
  services: ['db'],
  created: 0,
  use: 'mounted',
  external: false,
  changed: false,
};

describe('the words of the data screen', () => {
  it('say what a volume holds and where that came from', () => {
    const lane = {
      service: 'db',
      product: 'postgres',
      lane: '15',
      image: 'postgres:15',
      usedAt: 0,
      failed: false,
    };
    expect(describeVolume(volume)).toBe('');
    expect(describeVolume({ ...volume, lane: { ...lane, carriedFrom: 'postgres:13' }, use: 'kept' })).toBe(
      'postgres 15 · carried from postgres:13',
    );
  });

  it('say what a checkpoint holds, by service or by volume', () => {
    const view = {
      services: [{ name: 'db', image: 'postgres:15' }],
      volumes: [],
    } as unknown as CheckpointView;
    expect(describeContent(view)).toBe('db (postgres:15)');
    const unnamed = 'a'.repeat(64);
    expect(
      describeContent({ ...view, services: [], volumes: [{ name: unnamed, services: [], bytes: 1 }] }),
    ).toBe('unnamed aaaaaaaaaaaa');
    expect(shortVolume('shop_pgdata')).toBe('shop_pgdata');
  });
});
