import type { Clock } from '#base/clock.ts';
import { AppFailure } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { VersionMenu, VersionOffer } from '#contract/requests/versions.ts';
import type { Runs } from '../runs.ts';
import type { Versions } from './versions.ts';

interface Parts {
  readonly versions: Versions;
  readonly runs: Runs;
  readonly clock: Clock;
}

/**
 * An image that is not to be had any more (`postgres:9.4.1`) gives way to the newest of its product that is, once the work
 * on the stack has ended. Throws `image.notFound` where there is none either.
 */
export async function switchToToday(
  { versions, runs, clock }: Parts,
  service: string,
): Promise<{ readonly run: RunId }> {
  const menu = await versions.menu(service);
  const offer = todaysOffer(menu, clock.now());
  if (offer === undefined) {
    throw new AppFailure({
      kind: 'image.notFound',
      image: menu.image,
      message: `No other version of ${menu.title} is to be had.`,
      hint: menu.offline,
    });
  }
  while (runs.current?.active) await runs.wait(runs.current.record.id, undefined);
  return versions.switch({ service, to: offer.tag });
}

/** Of those that are to be had, the newest that its makers still look after; of none, the newest. */
export function todaysOffer(menu: VersionMenu, now: number): VersionOffer | undefined {
  const there = menu.offers.filter(
    ({ inUse, onMachine }) => !inUse && (onMachine || menu.offline === undefined),
  );
  return there.find(({ endOfLife }) => endOfLife === undefined || Date.parse(endOfLife) > now) ?? there[0];
}
