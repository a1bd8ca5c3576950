import { afterAll, beforeAll } from 'vitest';
import type { Engine } from '#engine/engine.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { openTestEngine } from '../support/realEngine.ts';
import { needImages } from '../support/world.ts';
import { engineConformance } from './engine.conformance.ts';
import { IMAGE } from './harness.ts';

let engine: Engine;

beforeAll(async () => {
  await needImages('busybox');
  engine = await openTestEngine();
  await engine.pullImage({ reference: IMAGE });
});

afterAll(() => engine.close());

engineConformance('docker', { engine: () => engine, scope: failOnLeaks('conformance', () => engine) });
