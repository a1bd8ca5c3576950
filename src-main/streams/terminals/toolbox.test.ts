import { expect, test } from 'vitest';
import { systemClock } from '#base/clock.ts';
import { FakeEngine } from '#support/fakeEngine/fakeEngine.ts';
import { DEFAULT_TOOLBOX_IMAGE, TOOLBOX_LABEL, Toolboxes } from './toolbox.ts';

test('two Slipways have a toolbox each on the same container, and each removes its own', async () => {
  const { engine } = new FakeEngine({ clock: systemClock, images: ['app', DEFAULT_TOOLBOX_IMAGE] });
  const { id } = await engine.createContainer({ name: 'app', body: { Image: 'app' } });
  await engine.startContainer(id);
  const [one, other] = [0, 1].map(
    () => new Toolboxes({ engine: () => engine, image: () => DEFAULT_TOOLBOX_IMAGE }),
  );
  const boxes = [await one?.enter(id), await other?.enter(id)];
  expect(new Set(boxes).size).toBe(2);
  await one?.leave(id);
  const left = await engine.listContainers({ all: true, labels: [TOOLBOX_LABEL] });
  expect(left.map((box) => box.id)).toEqual([boxes[1]]);
  await other?.leave(id);
});
