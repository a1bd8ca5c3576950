import { features } from '../../../src-renderer/features.ts';
import { mount } from '../../../src-renderer/mount.tsx';
import { createWindowModel } from '../../../src-renderer/state/windowModel.ts';
import { FixtureConnection } from '../fixtureConnection.ts';
import { type SceneName, scene } from './scenes.ts';

/** The window over a fixture, for pictures: `?scene=failed&now=0`. What the page is driven with is on `fixture`. */
const query = new URLSearchParams(location.search);
const now = Number(query.get('now') ?? Date.now());
const connection = new FixtureConnection(scene((query.get('scene') ?? 'healthy') as SceneName, now));
const model = createWindowModel({
  connection,
  registry: features,
  storage: undefined,
  now: query.has('now') ? () => now : Date.now,
});
Object.assign(globalThis, {
  fixture: { connection, model, show: (name: SceneName) => connection.show(scene(name, now) ?? []) },
});
mount(model);
