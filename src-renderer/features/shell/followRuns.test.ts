import { expect, test } from 'vitest';
import type { WorkspaceId } from '#contract/ids.ts';
import { viewOf } from '#state/viewStore.ts';
import { createWindowModel } from '#state/windowModel.ts';
import { FixtureConnection } from '#support/fixtureConnection.ts';
import { bootingShop, failedShop, WORKSPACE, workspace } from '#support/window/stacks.ts';
import { followRuns } from './followRuns.ts';

const OTHER = 'wiki' as WorkspaceId;
const registry = { screens: [], commands: [], serviceActions: [], dialogs: {} };

/** A boot of the shop fails while one looks at this project. */
function failWhile(front: WorkspaceId) {
  const services = failedShop(0);
  const shop = workspace(services.map(({ name }) => name));
  const { run } = bootingShop(0);
  const connection = new FixtureConnection([shop, workspace([], { id: OTHER }), ...services, run]);
  const model = createWindowModel({ connection, registry });
  model.view.setState({ workspace: front });
  followRuns(model);
  const error = { kind: 'internal', message: 'no' } as const;
  connection.put([{ ...run, status: { type: 'failed', error } }]);
  return { model, run, shop, notice: model.notices.store.getState().notices[0] };
}

test('a failure in another project names it, and leads there', () => {
  const { model, run, shop, notice } = failWhile(OTHER);
  expect(notice?.title).toBe(`${shop.name}: ${run.title} failed`);
  notice?.action?.run();
  expect(model.view.getState().workspace).toBe(WORKSPACE);
  expect(viewOf(model.view.getState(), WORKSPACE).selected).toBe('api');
});

test('a failure in the project in front needs no name', () => {
  const { run, notice } = failWhile(WORKSPACE);
  expect(notice?.title).toBe(`${run.title} failed`);
});
