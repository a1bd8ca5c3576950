import { expect, test } from 'vitest';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import { FixtureConnection } from '#support/fixtureConnection.ts';
import { workspace } from '#support/window/stacks.ts';
import { dialogKey } from './projectDialogs.ts';
import type { Registry } from './registry.ts';
import { createWindowModel } from './windowModel.ts';

const SHOP = 'shop' as WorkspaceId;
const WIKI = 'wiki' as WorkspaceId;
const shop = workspace([]);
const wiki = workspace([], { id: WIKI });
const ask = { id: 'switchVersion', service: 'postgres' as ServiceName };
const question = { title: 'Remove?', body: '', action: 'Remove', run: () => undefined };

function openWindow() {
  const connection = new FixtureConnection([shop]);
  const dialogs = { switchVersion: () => null };
  const registry: Registry = { screens: [], commands: [], serviceActions: [], dialogs };
  const model = createWindowModel({ connection, registry });
  model.view.setState({ workspace: SHOP, dialog: ask, question });
  return { connection, model };
}

test('what is asked about one project is closed when another comes to the front', () => {
  const { connection, model } = openWindow();
  model.view.setState({ workspace: WIKI });
  connection.show([shop, wiki]);
  expect(model.view.getState()).toMatchObject({ dialog: undefined, question: undefined });
});

test('what is asked about a project is closed with it, also where nobody chose another', () => {
  const { connection, model } = openWindow();
  connection.show([wiki]);
  expect(model.view.getState()).toMatchObject({ dialog: undefined, question: undefined });
});

test('a dialog stays while its project does, whatever else is opened or told', () => {
  const { connection, model } = openWindow();
  connection.show([wiki, shop]);
  model.view.setState({ workspace: SHOP, welcome: false });
  expect(model.view.getState()).toMatchObject({ dialog: ask, question });
});

test('one that is opened together with a project stays, and so does one that needs none', () => {
  const { connection, model } = openWindow();
  connection.show([shop, wiki]);
  const next = { ...ask };
  model.view.setState({ workspace: WIKI, dialog: next });
  expect(model.view.getState().dialog).toBe(next);
  model.view.setState({ dialog: { id: 'browse' } });
  model.view.setState({ workspace: SHOP });
  expect(model.view.getState().dialog).toEqual({ id: 'browse' });
});

test('a dialog begins anew for another project, service or input, and for nothing else', () => {
  const key = dialogKey(SHOP, ask);
  expect(dialogKey(SHOP, { ...ask })).toBe(key);
  expect(dialogKey(WIKI, ask)).not.toBe(key);
  expect(dialogKey(SHOP, { ...ask, service: 'redis' as ServiceName })).not.toBe(key);
  expect(dialogKey(SHOP, { ...ask, input: { to: '15' } })).not.toBe(key);
});
