import { expect, test } from 'vitest';
import type { WorkspaceId } from '#contract/ids.ts';
import { FixtureConnection } from '#support/fixtureConnection.ts';
import { scene } from '#support/window/scenes.ts';
import { WORKSPACE } from '#support/window/stacks.ts';
import { showScreen, showSettings } from './actions.ts';
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
