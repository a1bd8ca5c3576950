import { toAppError } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { DriftRow, DriftView, MatchEvent } from '#contract/requests/production.ts';
import type { RunStatus } from '#contract/runModel.ts';

/** What bringing a stack to production needs: the two ways of doing it, each a run of its own. */
export interface MatchWorld {
  readonly drift: () => Promise<DriftView>;
  /** Throws `notFound` for a name that is no service. */
  readonly requireServices: (names: readonly string[]) => void;
  /** Middleware: the version switch, with its data. */
  readonly switchTo: (service: string, version: string) => Promise<{ readonly run: RunId }>;
  /** Everything else: production's image, for a while. */
  readonly swap: (service: string) => Promise<{ readonly run: RunId }>;
  readonly wait: (run: RunId) => Promise<unknown>;
  readonly statusOf: (run: RunId) => RunStatus | undefined;
}

/**
 * One service after the other, middleware first: the programs of production then start beside the versions that they know.
 * Stops at the first that fails: what comes after may need it. What is done stays, and each has its own way back.
 */
export async function* matchProduction(
  world: MatchWorld,
  services: readonly string[],
): AsyncGenerator<MatchEvent, void, void> {
  world.requireServices(services);
  const { rows } = await world.drift();
  const chosen = rows.filter(({ service = '' }) => services.length === 0 || services.includes(service));
  const ordered = [...chosen].sort((a, b) => rank(a) - rank(b));
  yield { type: 'planned', services: ordered.flatMap(planned) };
  for (const row of ordered) {
    const { service, match } = row;
    if (service === undefined || match === undefined) continue;
    const { run } =
      match.type === 'switch' ? await world.switchTo(service, match.version) : await world.swap(service);
    yield { type: 'began', service, run };
    await world.wait(run);
    const status = world.statusOf(run) ?? { type: 'failed', error: toAppError(new Error('the run is gone')) };
    yield { type: 'ended', service, status };
    if (status.type !== 'done') return;
  }
}

function rank({ match }: DriftRow): number {
  return match?.type === 'switch' ? 0 : 1;
}

function planned({ service, match }: DriftRow) {
  if (service === undefined || match === undefined) return [];
  const to = match.type === 'switch' ? match.version : match.image;
  return [{ service, how: match.type, to }];
}
