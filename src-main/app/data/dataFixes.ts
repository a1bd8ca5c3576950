import { overrideService } from '#compose/override.ts';
import { AppFailure } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { ProjectSource } from '../projectSource.ts';
import type { Stack } from '../stack.ts';
import { slipwayFiles } from '../versions/slipwayFiles.ts';
import type { Versions } from '../versions/versions.ts';
import { findMismatch, imageOfData } from './preflight.ts';

export interface DataFixParts {
  readonly source: ProjectSource;
  readonly stack: Stack;
  readonly versions: Versions;
  engine(): Engine;
  replica(service: string): ObservedContainer;
}

export type DataFix = 'data.resume' | 'data.lane' | 'data.carry' | 'data.fresh';

/**
 * The ways out where a service's data is of another version. First the override says what the data wants; going on from
 * there to the wanted version is an ordinary switch, with all its safety. Throws `input.invalid` where nothing tells the
 * data's version.
 */
export async function applyDataFix(
  parts: DataFixParts,
  { fix, service }: { readonly fix: DataFix; readonly service: string },
): Promise<{ readonly run: RunId }> {
  const project = parts.source.require();
  const files = slipwayFiles(project.workingDir);
  const image = project.services[service]?.image ?? '';
  const container = parts.replica(service).id;
  const request = { engine: parts.engine(), project, service, container, lanes: () => files.readLanes() };
  const mismatch = await findMismatch({ ...request, ran: 'counts' });
  if (!mismatch) {
    throw new AppFailure({
      kind: 'input.invalid',
      message: `Nothing in the data of ${service} tells which version wrote it.`,
      hint: 'Choose the version yourself.',
    });
  }
  const before = overrideService(await files.readOverride(), service, {
    image: imageOfData(mismatch, image),
  });
  await files.writeOverride(before);
  await parts.source.load();
  switch (fix) {
    case 'data.resume':
      return parts.stack.boot({ services: [service] });
    case 'data.lane':
      return parts.versions.switch({ service, to: image, data: 'resume' });
    case 'data.carry':
      return parts.versions.switch({ service, to: image, data: 'carry' });
    case 'data.fresh':
      return parts.versions.switch({ service, to: image, data: 'fresh' });
  }
}

export function isDataFix(kind: string): kind is DataFix {
  return ['data.resume', 'data.lane', 'data.carry', 'data.fresh'].includes(kind);
}
