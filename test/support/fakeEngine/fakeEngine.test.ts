import { afterEach, expect } from 'vitest';
import { type Clock, systemClock } from '#base/clock.ts';
import { engineConformance } from '../../conformance/engine.conformance.ts';
import { EXECS, PROGRAMS } from '../../conformance/programs.ts';
import { failOnLeaks } from '../leaks.ts';
import { FakeEngine } from './fakeEngine.ts';

/** The suite waits as one has to with a real engine; the fake need not take that long. */
const SPEED = 4;
const start = systemClock.now();
const fast: Clock = {
  now: () => start + (systemClock.now() - start) * SPEED,
  monotonic: () => systemClock.monotonic() * SPEED,
  sleep: (ms, signal) => systemClock.sleep(ms / SPEED, signal),
};

const fake = new FakeEngine({ clock: fast, images: ['busybox:latest'] });
for (const { command, fake: program } of Object.values(PROGRAMS)) fake.script({ command }, program);
for (const { command, fake: answer } of Object.values(EXECS)) {
  fake.onExec((call) => (call.command.join('\0') === command.join('\0') ? answer(call) : undefined));
}

afterEach(() => {
  expect(fake.openConnections, 'streams left open').toBe(0);
});

engineConformance('the fake', {
  engine: () => fake.engine,
  scope: failOnLeaks('fake', () => fake.engine),
});
