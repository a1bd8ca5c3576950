import { expect, test } from 'vitest';
import { type RecordKey, recordKey, type StateRecord } from '#contract/model.ts';
import { bootingCrowd, RUN, WORKSPACE, workspace } from '#support/window/stacks.ts';
import { selectLatestRun, selectRun, selectServices, selectSteps, selectWorkspaces } from './selectors.ts';
import type { ServerState } from './serverStore.ts';

/** A map that counts how often it is looked into. */
class CountedRecords extends Map<RecordKey, StateRecord> {
  looks = 0;

  override get(key: RecordKey): StateRecord | undefined {
    this.looks += 1;
    return super.get(key);
  }

  override values(): MapIterator<StateRecord> {
    this.looks += 1;
    return super.values();
  }
}

function booting() {
  const { services, run, steps } = bootingCrowd(1_000_000, 20);
  const names = services.map(({ name }) => name);
  const all = [workspace(names, { activeRun: RUN }), ...services, run, ...steps];
  const records = new CountedRecords(all.map((entry) => [recordKey(entry), entry]));
  return { run, records, state: stateOf(records) };
}

function stateOf(records: ServerState['records']): ServerState {
  return { loaded: true, records, connection: { type: 'connected' } };
}

test('what is asked again of the same records is not looked for again', () => {
  const { run, records, state } = booting();
  const ask = (from: ServerState) => [
    selectWorkspaces(from),
    selectServices(from, WORKSPACE),
    selectSteps(from, run),
    selectLatestRun(from, WORKSPACE),
  ];
  const first = ask(state);
  expect(first.map((found) => (Array.isArray(found) ? found.length : found))).toEqual([1, 20, 40, run]);
  records.looks = 0;
  // The connection changes, the records do not.
  const second = ask({ ...state, connection: { type: 'lost', since: 0, retryAt: 0 } });
  expect(records.looks).toBe(0);
  for (const [at, found] of second.entries()) expect(found).toBe(first[at]);
});

test('that there is no run is not looked for again either', () => {
  const { records } = booting();
  records.delete(`run:${WORKSPACE}/${RUN}` as RecordKey);
  const state = stateOf(records);
  expect(selectLatestRun(state, WORKSPACE)).toBeUndefined();
  records.looks = 0;
  expect(selectLatestRun(state, WORKSPACE)).toBeUndefined();
  expect(records.looks).toBe(0);
});

test('new records are looked into, and a run that has grown has its new steps', () => {
  const { run, records, state } = booting();
  expect(selectSteps(state, { ...run, steps: 3 })).toHaveLength(3);
  expect(selectSteps(state, run)).toHaveLength(40);
  const ended = { ...run, status: { type: 'done' as const } };
  const next = stateOf(new Map(records).set(recordKey(ended), ended));
  expect(selectLatestRun(next, WORKSPACE)).toBe(ended);
  expect(selectRun(next, WORKSPACE, RUN)).toBe(ended);
  expect(selectLatestRun(state, WORKSPACE)).toBe(run);
});
