import { bareBoot, bareDown } from './bare.ts';
import { OpenedStack } from './openedStack.ts';
import { type Figure, median, ratioOf, seconds } from './report.ts';
import { healthStack, levelStack } from './stacks.ts';

interface Pair {
  readonly ours: number;
  readonly other: number;
}

/** Five services with default healthchecks in three levels, against `up -d --wait`. */
export async function healthFigures(rounds: number): Promise<Figure[]> {
  const name = `benchhealth${process.pid}`;
  return withStack(name, healthStack(name), async (stack) => {
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round++) {
      const ours = await stack.boot();
      await stack.down();
      const { up: other } = await composed(stack, '--wait');
      pairs.push({ ours, other });
      tellRound(round, { up: pairs.at(-1) });
    }
    return [ratio('5 services, default healthchecks, 3 levels', 'up -d --wait', pairs, 0.15)];
  });
}

/** Nobody is to be the first who has the engine read its programs and the image from the disk. Not measured. */
async function warmUp(stack: OpenedStack): Promise<void> {
  await stack.boot();
  await stack.down();
}

/** Both, one after the other; who begins changes from round to round, since whoever comes second finds the engine as the first left it. */
async function inTurns<A, B>(
  round: number,
  one: () => Promise<A>,
  other: () => Promise<B>,
): Promise<readonly [A, B]> {
  if (round % 2 === 0) return [await one(), await other()];
  const found = await other();
  return [await one(), found];
}

interface Took {
  readonly up: number;
  readonly down: number;
}

async function upAndDown(stack: OpenedStack): Promise<Took> {
  return { up: await stack.boot(), down: await stack.down() };
}

/** What docker compose takes for the same up and down, by itself. */
function composed(stack: OpenedStack, ...words: string[]): Promise<Took> {
  return stack.unwatched(async () => ({
    up: await stack.compose('up', '-d', ...words),
    down: await stack.compose('down'),
  }));
}

/** What was measured is not lost when a later round fails. */
function tellRound(round: number, pairs: Readonly<Record<string, Pair | undefined>>): void {
  const words = Object.entries(pairs).map(
    ([name, pair]) => `${name} ${seconds(pair?.ours ?? 0)} against ${seconds(pair?.other ?? 0)}`,
  );
  console.error(`  round ${round + 1}: ${words.join(', ')}`);
}

/** Services without healthchecks in four levels, against `up -d`, the bare calls, and `down`. */
export async function levelFigures(own: {
  readonly services: number;
  readonly rounds: number;
  readonly bare: 'too' | 'no';
}): Promise<Figure[]> {
  const { services, rounds } = own;
  const name = `benchlevels${process.pid}`;
  return withStack(name, levelStack(name, services, 4), async (stack) => {
    const up: Pair[] = [];
    const bare: Pair[] = [];
    const down: Pair[] = [];
    await warmUp(stack);
    for (let round = 0; round < rounds; round++) {
      const ofUs = () => upAndDown(stack);
      const [ours, theirs] = await inTurns(round, ofUs, () => composed(stack));
      up.push({ ours: ours.up, other: theirs.up });
      down.push({ ours: ours.down, other: theirs.down });
      tellRound(round, { up: up.at(-1), down: down.at(-1) });
      if (own.bare === 'too') {
        const other = await stack.unwatched((engine) => bareBoot(engine, name, services));
        bare.push({ ours: ours.up, other });
        tellRound(round, { bare: bare.at(-1) });
        await bareDown(stack.engine, name);
      }
    }
    const what = `${services} services, 4 levels`;
    return [
      ratio(what, 'up -d', up, 1),
      ...(own.bare === 'too' ? [ratio(what, 'bare create + start', bare, 1.1)] : []),
      ratio(`down of ${services} services`, 'down', down, 1),
    ];
  });
}

/** A boot of a stack where everything is as it should be: the time inside the app. */
export async function nothingFigures(own: {
  readonly services: number;
  readonly rounds: number;
}): Promise<Figure[]> {
  const name = `benchnothing${process.pid}`;
  return withStack(name, levelStack(name, own.services, 4), async (stack) => {
    await stack.boot();
    const times: number[] = [];
    for (let round = 0; round < own.rounds; round++) times.push(await stack.boot());
    const value = median(times);
    const fastest = `fastest ${Math.min(...times).toFixed(0)} ms of ${times.length}`;
    return [
      {
        name: `nothing to do, ${own.services} services`,
        ours: `${value.toFixed(0)} ms`,
        other: fastest,
        value,
        unit: 'ms',
        target: 60,
      },
    ];
  });
}

async function withStack(
  name: string,
  yaml: string,
  work: (stack: OpenedStack) => Promise<Figure[]>,
): Promise<Figure[]> {
  const stack = await OpenedStack.open(name, yaml);
  try {
    return await work(stack);
  } finally {
    await stack.dispose();
  }
}

function ratio(name: string, peer: string, pairs: readonly Pair[], target: number): Figure {
  return {
    name,
    ours: seconds(median(pairs.map(({ ours }) => ours))),
    other: `${peer}: ${seconds(median(pairs.map(({ other }) => other)))}`,
    value: ratioOf(pairs),
    unit: '',
    target,
  };
}
