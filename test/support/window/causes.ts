import type { AppError } from '#contract/errors.ts';
import type { ServiceName } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import { failureCard } from '#run/failureCards.ts';
import type { FailureFacts } from '#run/failures/facts.ts';
import { shop } from './stacks.ts';

const HERE = { enginePlatform: 'linux/amd64' };

const GPU = 'could not select device driver "nvidia" with capabilities: [[gpu]]';

/** By service: what was found out about why it did not come up. */
const CAUSES: Readonly<Record<string, Partial<FailureFacts>>> = {
  gateway: { error: { kind: 'disk.full', message: 'no space left on device' } },
  storefront: {
    ...HERE,
    imagePlatform: 'linux/arm64',
    lines: ['exec /start: exec format error'],
    exitCode: 1,
  },
  api: { ...HERE, imagePlatform: 'linux/amd64', lines: ['exec /start: exec format error'], exitCode: 1 },
  worker: { error: { kind: 'engine.failed', status: 500, transient: false, message: GPU } },
  rabbitmq: {
    error: {
      kind: 'path.denied',
      path: '/home/ada/shop/certs/key.pem',
      message: '/home/ada/shop/certs/key.pem is in the build context and may not be read.',
      hint: 'Give yourself the right to read it (chmod u+r, for a folder u+rx), or name it in .dockerignore.',
    },
  },
};

/** A shop with one failure of each kind that the rule book knows and that is seldom seen. */
export function causesShop(now: number): ServiceRecord[] {
  return shop(now).map((entry) => {
    const cause = CAUSES[entry.name];
    if (cause === undefined) return entry;
    const facts = {
      service: entry.name,
      image: entry.image,
      lines: [],
      dependents: [],
      services: [],
      at: now,
    };
    const dependents = entry.name === 'api' ? (['storefront'] as ServiceName[]) : [];
    return {
      ...entry,
      swap: undefined,
      replicas: [],
      status: { type: 'failed', at: now - 6000, error: cause.error ?? ENDED },
      failure: failureCard({ ...facts, dependents, ...cause }),
    };
  });
}

const ENDED: AppError = {
  kind: 'dependency.exited',
  service: 'api',
  exitCode: 1,
  message: 'It exited with 1.',
};
