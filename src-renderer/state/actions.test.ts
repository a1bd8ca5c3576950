import { expect, test, vi } from 'vitest';
import type { WorkspaceId } from '#contract/ids.ts';
import { FixtureConnection } from '#support/fixtureConnection.ts';
import { scene } from '#support/window/scenes.ts';
import { WORKSPACE, workspace } from '#support/window/stacks.ts';
import { boot, restart, showScreen, showSettings } from './actions.ts';
import { viewOf } from './viewStore.ts';
import { createWindowModel } from './windowModel.ts';

const registry = { screens: [], commands: [], serviceActions: [], dialogs: {} };

function windowOver(name: 'healthy' | 'welcome') {
  return createWindowModel({ connection: new FixtureConnection(scene(name, 0)), registry });
}

test('a screen that is asked for is in front, before the welcome screen and another project', () => {
  const model = windowOver('healthy');
  model.view.setState({ welcome: true, workspace: 'other' as WorkspaceId });
  showScreen(model, WORKSPACE, 'versions');
  const view = model.view.getState();
  expect([view.workspace, view.welcome, viewOf(view, WORKSPACE).screen]).toEqual([
    WORKSPACE,
    false,
    'versions',
  ]);
});

test('the settings come where the project looked at last was closed since', () => {
  const model = windowOver('healthy');
  model.view.setState({ welcome: true, workspace: 'closed' as WorkspaceId });
  showSettings(model);
  const view = model.view.getState();
  expect([view.workspace, view.welcome, viewOf(view, WORKSPACE).screen]).toEqual([
    WORKSPACE,
    false,
    'settings',
  ]);
});

test('without a project it is said how to get to the settings', () => {
  const model = windowOver('welcome');
  showSettings(model);
  expect(model.notices.store.getState().notices.map(({ detail }) => detail)).toEqual([
    'Open a folder first.',
  ]);
});

test('a boot that is pressed twice is asked for once, and can be asked for again when it was answered', async () => {
  const connection = new FixtureConnection([workspace([])]);
  const model = createWindowModel({ connection, registry });
  const boots = () => connection.asked.filter((call) => call.startsWith('stack.boot')).length;
  boot(model, WORKSPACE);
  boot(model, WORKSPACE);
  await vi.waitFor(() => expect(model.underWay.size).toBe(0));
  expect(boots()).toBe(1);
  boot(model, WORKSPACE);
  await vi.waitFor(() => expect(boots()).toBe(2));
});

test('a restart that is pressed twice is asked for once', async () => {
  const connection = new FixtureConnection([workspace([])]);
  const model = createWindowModel({ connection, registry });
  restart(model, WORKSPACE);
  restart(model, WORKSPACE);
  await vi.waitFor(() => expect(model.underWay.size).toBe(0));
  expect(connection.asked.filter((call) => call.startsWith('stack.restart'))).toHaveLength(1);
});
