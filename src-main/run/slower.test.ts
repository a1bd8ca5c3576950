import { expect, test } from 'vitest';
import type { RunId, ServiceName } from '#contract/ids.ts';
import type { BootTimeline, ServiceTimeline } from '#contract/requests/boot.ts';
import { withSlowerNotes } from './slower.ts';

interface Of {
  readonly tookMs: number;
  readonly image?: string;
  readonly hash?: string;
  readonly branch?: string;
  readonly phase?: 'start' | 'check';
}

function boot({ tookMs, image = 'a', hash = 'h', branch = 'main', phase = 'start' }: Of): BootTimeline {
  const db: ServiceTimeline = {
    service: 'db' as ServiceName,
    spans: [{ phase, fromMs: 0, toMs: tookMs }],
    ran: { imageId: image, configHash: hash },
  };
  const run = 'r' as RunId;
  return { run, startedAt: 0, totalMs: tookMs, outcome: 'done', services: [db], criticalPath: [], branch };
}

const usual = [boot({ tookMs: 400 }), boot({ tookMs: 420 }), boot({ tookMs: 380 })];
const noteOf = (newest: Of, before = usual) => withSlowerNotes(boot(newest), before).services[0]?.note;

test('a service that got slower says so, with the change that came with it', () => {
  expect(noteOf({ tookMs: 900 })).toBe('0.5 s slower than usual');
  expect(noteOf({ tookMs: 900, image: 'b' })).toBe('0.5 s slower since its image changed');
  expect(noteOf({ tookMs: 900, hash: 'i' })).toBe('0.5 s slower since its definition changed');
  expect(noteOf({ tookMs: 900, branch: 'orders' })).toBe(
    '0.5 s slower since the branch changed from main to orders',
  );
});

test('a service that stays slow is compared with when it was fast', () => {
  const slow = boot({ tookMs: 900, image: 'b' });
  expect(noteOf({ tookMs: 910, image: 'b' }, [slow, ...usual])).toBe('0.5 s slower since its image changed');
});

test('nothing is said of a small change, of few boots, or of boots that found it running', () => {
  expect(noteOf({ tookMs: 550 })).toBeUndefined();
  expect(noteOf({ tookMs: 9_000 }, usual.slice(1))).toBeUndefined();
  const found = [5, 6, 7, 5].map((tookMs) => boot({ tookMs, phase: 'check' }));
  expect(noteOf({ tookMs: 900 }, [...found, ...usual])).toBe('0.5 s slower than usual');
});

test('a note that stands there already stays, behind it', () => {
  const newest = boot({ tookMs: 900 });
  const services = newest.services.map((service) => ({ ...service, note: 'exited 0' }));
  expect(withSlowerNotes({ ...newest, services }, usual).services[0]?.note).toBe(
    '0.5 s slower than usual; exited 0',
  );
});
