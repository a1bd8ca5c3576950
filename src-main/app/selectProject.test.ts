import { expect, test } from 'vitest';
import { isKind } from '#contract/errors.ts';
import { selectServices } from '#plan/select.ts';
import { projectOf } from '#support/planWorld.ts';
import { withNamed } from './selectProject.ts';

const select = async (yaml: string, ...services: string[]) => {
  const project = withNamed(await projectOf(yaml), services);
  return selectServices(project, { services }).ordered;
};
const failure = (work: Promise<unknown>) => work.then(String, (thrown: unknown) => thrown);

const TWO = `
name: shop
services:
  a: {image: busybox, profiles: [p], depends_on: [b]}
  b: {image: busybox, profiles: [q]}
`;

test('naming a service switches its profile on', async () => {
  expect(await select(TWO, 'b')).toEqual(['b']);
  expect(await select(TWO, 'a', 'b')).toEqual(['b', 'a']);
});

test('a service is not started without what it needs: that is in no active profile', async () => {
  const thrown = await failure(select(TWO, 'a'));
  expect(isKind(thrown, 'notFound')).toBe(true);
  expect(String(thrown)).toContain('Service a needs b');
  expect(await select(TWO.replace('[b]', '{b: {condition: service_started, required: false}}'), 'a')).toEqual(
    ['a'],
  );
});

test('a circle that only shows when its profile is on is named', async () => {
  const yaml = `
name: shop
services:
  a: {image: busybox, profiles: [p], depends_on: [b]}
  b: {image: busybox, profiles: [p], depends_on: [a]}
`;
  const thrown = await failure(select(yaml, 'a'));
  expect(isKind(thrown, 'compose.cycle')).toBe(true);
  expect(String(thrown)).toContain('a → b → a');
});
