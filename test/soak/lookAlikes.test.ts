import { rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Semaphore } from '#base/semaphore.ts';
import type { Engine } from '#engine/engine.ts';
import {
  builtDigests,
  type Files,
  folderDigests,
  scratchFolder,
  writeAlike,
} from '../engine/images/lookAlikes.ts';
import { openTestEngine } from '../support/realEngine.ts';
import { SeededRandom } from '../support/seededRandom.ts';

/** Contexts whose files have the same names, sizes, modes and times, built one after another and many at once. */
let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const random = new SeededRandom();
const ROUNDS = Number(process.env['ROUNDS'] ?? 12);
const CONTEXTS = 12;
const AT_ONCE = 6;
const NAMES = ['Dockerfile', 'a.js', 'src/a.js', 'src/deep/b.bin', 'package.json'];

function contents(mark: number): Files {
  const text = String(mark).padStart(8, '0');
  const files = NAMES.slice(1).map((name) => [name, `${name} ${text}`]);
  return { Dockerfile: 'FROM scratch\nCOPY . /ctx\n', ...Object.fromEntries(files) };
}

test(`${ROUNDS} rounds of ${CONTEXTS} contexts that look the same (SEED=${random.seed})`, async () => {
  const pick = (count: number) => random.below(count);
  await using folder = await scratchFolder();
  const at = (index: number) => path.join(folder.path, `context-${index}`);
  let mark = 0;
  for (let index = 0; index < CONTEXTS; index++) await writeAlike(at(index), contents(mark++));

  /** What happens to folders between two builds: files by the clock's time, folders changed for others, links turned. */
  const changes: readonly (() => Promise<void>)[] = [
    async () => {
      await writeFile(
        path.join(at(pick(CONTEXTS)), NAMES[1 + pick(NAMES.length - 1)] ?? ''),
        `now ${mark++}`.padEnd(14),
      );
    },
    async () => {
      const [one, two] = [pick(CONTEXTS), pick(CONTEXTS)];
      if (one === two) return;
      await rename(at(one), `${at(one)}.away`);
      await rename(at(two), at(one));
      await rename(`${at(one)}.away`, at(two));
    },
    async () => {
      const index = pick(CONTEXTS);
      await rm(at(index), { recursive: true });
      await writeAlike(at(index), contents(mark++));
    },
    async () => {
      const link = path.join(folder.path, 'current');
      await rm(link, { force: true });
      await symlink(at(pick(CONTEXTS)), link);
      await expectTrue(link);
    },
    async () => {
      // Written in one go, so within one tick of the clock.
      const [one, two] = [pick(CONTEXTS), pick(CONTEXTS)];
      const text = (index: number) => `tick ${index} ${mark++}`.padEnd(20);
      await Promise.all([one, two].map((index) => writeFile(path.join(at(index), 'a.js'), text(index))));
    },
  ];
  let images = 0;
  async function expectTrue(context: string): Promise<void> {
    const image = `slipway-alike-${process.pid}-${++images}`;
    const digests = await builtDigests(engine, image, { context });
    expect(digests, context).toEqual(await folderDigests(context, NAMES));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (let count = 0; count < 4; count++) await changes[pick(changes.length)]?.();
    if (round % 3 === 2) for (let index = 0; index < CONTEXTS; index++) await expectTrue(at(index));
    const building = new Semaphore(round % 2 === 0 ? AT_ONCE : CONTEXTS);
    await Promise.all(
      Array.from({ length: CONTEXTS }, (_, index) => building.run(() => expectTrue(at(index)))),
    );
  }
});

test('what remains: content changed under the same inode with its size and time put back', async () => {
  await using folder = await scratchFolder();
  await writeAlike(folder.path, contents(1));
  const file = path.join(folder.path, 'a.js');
  const time = new Date('2026-01-02T03:04:05Z');
  const first = await builtDigests(engine, `slipway-alike-${process.pid}-edit`, { context: folder.path });
  await writeFile(file, contents(2)['a.js'] ?? '');
  await utimes(file, time, time);
  // As docker's own client: nothing that BuildKit compares tells the two apart. docs/decisions says what one can do.
  expect(await builtDigests(engine, `slipway-alike-${process.pid}-edit`, { context: folder.path })).toEqual(
    first,
  );
});
