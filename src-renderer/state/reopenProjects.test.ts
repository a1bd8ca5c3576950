import { expect, test, vi } from 'vitest';
import { FixtureConnection } from '#support/fixtureConnection.ts';
import { workspace } from '#support/window/stacks.ts';
import { createWindowModel } from './windowModel.ts';

const registry = { screens: [], commands: [], serviceActions: [], dialogs: {} };

test('what was open in a core that ended is opened in the next, once', async () => {
  const project = workspace([]);
  const connection = new FixtureConnection([project]);
  const { notices } = createWindowModel({ connection, registry });
  const opened = () => connection.asked.filter((call) => call.startsWith('project.open'));
  connection.show([project]);
  expect(opened()).toEqual([]);
  connection.show([], 'another core');
  connection.show([], 'another core');
  await vi.waitFor(() => expect(notices.store.getState().notices).toHaveLength(1));
  expect(opened()[0]).toContain(project.folder);
  expect(notices.store.getState().notices[0]?.detail).toContain(`${project.name} is open again`);
});

test('a project that somebody closed stays closed', () => {
  const connection = new FixtureConnection([workspace([])]);
  createWindowModel({ connection, registry });
  connection.show([]);
  connection.show([], 'another core');
  expect(connection.asked.filter((call) => call.startsWith('project.open'))).toEqual([]);
});
