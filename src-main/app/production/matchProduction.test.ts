import { describe, expect, it } from 'vitest';
import { requireServices } from '#compose/unknownService.ts';
import type { RunId } from '#contract/ids.ts';
import type { DriftRow, MatchEvent } from '#contract/requests/production.ts';
import type { RunStatus } from '#contract/runModel.ts';
import { type MatchWorld, matchProduction } from './matchProduction.ts';

const row = (service: string, match?: DriftRow['match']): DriftRow => ({
  service,
  state: match ? 'behind' : 'same',
  words: '',
  config: [],
  match,
});
const ROWS = [
  row('api', { type: 'swap', image: 'acme/api@sha256:1' }),
  row('web'),
  row('postgres', { type: 'switch', version: '17' }),
  row('worker', { type: 'swap', image: 'acme/worker@sha256:2' }),
];

const PROJECT = {
  name: 'shop',
  services: { api: {}, postgres: {}, worker: {}, web: {} },
  disabledServices: {},
};

async function matched(services: readonly string[], ends: Readonly<Record<string, RunStatus>> = {}) {
  const done: string[] = [];
  const begin = (service: string) => {
    done.push(service);
    return Promise.resolve({ run: service as RunId });
  };
  const world: MatchWorld = {
    drift: async () => ({ environment: 'production', format: 'map', at: 0, rows: ROWS, problems: [] }),
    requireServices: (names) => requireServices(PROJECT, names),
    switchTo: (service) => begin(service),
    swap: begin,
    wait: async () => undefined,
    statusOf: (run) => ends[run] ?? { type: 'done' },
  };
  const events: MatchEvent[] = [];
  for await (const event of matchProduction(world, services)) events.push(event);
  return { done, events };
}

describe('matching production', () => {
  it('brings middleware there first, then the programs, and says so before', async () => {
    const { done, events } = await matched([]);
    expect(done).toEqual(['postgres', 'api', 'worker']);
    expect(events[0]).toEqual({
      type: 'planned',
      services: [
        { service: 'postgres', how: 'switch', to: '17' },
        { service: 'api', how: 'swap', to: 'acme/api@sha256:1' },
        { service: 'worker', how: 'swap', to: 'acme/worker@sha256:2' },
      ],
    });
  });

  it('does the named ones only, and stops at the first that fails', async () => {
    expect((await matched(['worker', 'web'])).done).toEqual(['worker']);
    const failed: RunStatus = { type: 'failed', error: { kind: 'cancelled', message: '' } };
    expect((await matched([], { postgres: failed })).done).toEqual(['postgres']);
    await expect(matched(['nobody'])).rejects.toThrow('no service nobody');
  });
});
