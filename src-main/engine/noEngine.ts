import { type AppError, AppFailure } from '#contract/errors.ts';
import type { EngineEndpoint } from './endpoints.ts';

/** One place that was asked, and how it refused. */
export interface Attempt {
  readonly endpoint: EngineEndpoint;
  readonly error: AppError;
}

type Reason = 'absent' | 'refused' | 'denied' | 'lost';

/** What the user can do most about comes first: an engine that is there but closed beats places where there is none. */
const IMPORTANCE: readonly Reason[] = ['denied', 'refused', 'lost', 'absent'];

const WORDS: Readonly<Record<Reason, string>> = {
  absent: 'nothing there',
  refused: 'not running',
  denied: 'no permission',
  lost: 'no answer',
};

/** One failure out of many: says which places were tried, and what to do about the likeliest. */
export function noEngine(attempts: readonly Attempt[], platform: string): AppFailure {
  const tooOld = attempts.find(({ error }) => error.kind === 'engine.tooOld');
  const closed = IMPORTANCE.slice(0, 3).some((reason) =>
    attempts.some(({ error }) => reasonOf(error) === reason),
  );
  if (tooOld !== undefined && !closed) return new AppFailure(tooOld.error);
  const chosen = IMPORTANCE.map((reason) => attempts.find(({ error }) => reasonOf(error) === reason)).find(
    (attempt) => attempt !== undefined,
  );
  const other = attempts[0];
  if (chosen === undefined) return new AppFailure(other?.error ?? nothingToTry());
  const reason = reasonOf(chosen.error) ?? 'absent';
  return new AppFailure(
    {
      kind: 'engine.unreachable',
      endpoint: chosen.endpoint.url,
      reason,
      message: messageFor(reason, chosen.endpoint, attempts),
      hint: hintFor(reason, chosen.endpoint, platform),
    },
    { cause: attempts },
  );
}

function reasonOf(error: AppError): Reason | undefined {
  return error.kind === 'engine.unreachable' ? error.reason : undefined;
}

function nothingToTry(): AppError {
  return {
    kind: 'engine.unreachable',
    endpoint: '',
    reason: 'absent',
    message: 'There is no engine to try.',
  };
}

function messageFor(reason: Reason, { source, url }: EngineEndpoint, attempts: readonly Attempt[]): string {
  const named = `${source} (${url})`;
  switch (reason) {
    case 'denied':
      return `This user may not talk to ${named}.`;
    case 'refused':
      return `${named} is installed, but does not run.`;
    case 'lost':
      return `${named} does not answer.`;
    case 'absent':
      return attempts.length === 1
        ? `There is no engine at ${named}.`
        : `No container engine was found. Tried: ${tried(attempts)}.`;
  }
}

function tried(attempts: readonly Attempt[]): string {
  return attempts
    .map(({ endpoint, error }) => `${endpoint.source} ${endpoint.url} (${WORDS[reasonOf(error) ?? 'lost']})`)
    .join(', ');
}

function hintFor(reason: Reason, { source, explicit, address }: EngineEndpoint, platform: string): string {
  if (reason === 'denied') {
    return platform === 'linux'
      ? 'Add yourself to the docker group (sudo usermod -aG docker "$USER"), then log in again.'
      : `Allow this user to use ${source} in its settings.`;
  }
  if (reason === 'absent' && !explicit) {
    return platform === 'linux'
      ? 'Install Docker Engine (https://docs.docker.com/engine/install) or Podman.'
      : 'Install Docker Desktop, OrbStack, Colima or Podman, and start it.';
  }
  if (address.type === 'tcp' || address.type === 'ssh')
    return `Check ${source}: the engine has to listen there.`;
  return START_HINTS[source] ?? (platform === 'linux' ? START_SERVICE : 'Start the engine, then try again.');
}

const START_SERVICE = 'Start the service: sudo systemctl start docker.';

const START_HINTS: Readonly<Record<string, string>> = {
  'Docker Desktop': 'Start Docker Desktop.',
  'Docker rootless': 'Start the service: systemctl --user start docker.',
  Colima: 'Start it: colima start.',
  OrbStack: 'Start OrbStack.',
  'Rancher Desktop': 'Start Rancher Desktop.',
  Podman: 'Start its service: systemctl --user start podman.socket, or podman machine start.',
};
