import { expect, test } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { NextTask } from './nextTask.ts';

test('what is asked for several times is done once, behind what is under way', async () => {
  const done: string[] = [];
  const next = new NextTask(() => done.push('told'));
  next.ask();
  await Promise.resolve().then(() => done.push('read'));
  next.ask();
  await eventually(() => done.length === 2);
  expect(done).toEqual(['read', 'told']);
  next.ask();
  await eventually(() => done.length === 3);
  next.dispose();
});

test('what has been left is not done any more', async () => {
  const done: string[] = [];
  const next = new NextTask(() => done.push('left'));
  next.ask();
  next.dispose();
  next.ask();
  const later = new NextTask(() => done.push('later'));
  later.ask();
  await eventually(() => done.length === 1);
  expect(done).toEqual(['later']);
  later.dispose();
});
