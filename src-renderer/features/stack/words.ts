import { describeBytes, describeDuration, describeState } from '#contract/describe.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { Progress } from '#contract/runModel.ts';

/** What a service is doing, and what else one should know about it, in one line. */
export function describeService(service: ServiceRecord, now: number): string {
  const swap = service.swap;
  const what = swap ? describeSwap(swap, now) : describeState(service, now);
  const more = [
    service.disabled ? 'in no active profile' : '',
    replicaWords(service),
    // What did not start was left half made: that is known by then, and no news.
    service.diverged && service.status.type !== 'failed' ? `differs from the file: ${service.diverged}` : '',
    service.apart ? apartWords(service.apart) : '',
    service.watching ? watchWords(service.watching, now) : '',
  ];
  return [what, ...more].filter((part) => part !== '').join(' · ');
}

/** Only a version that is apart is worth a word in every list; the rest stands on the Production screen. */
function apartWords({ state, environment, there }: NonNullable<ServiceRecord['apart']>): string {
  return state === 'versionApart' ? `${environment} runs ${there.replace(/^.*:/, '')}` : '';
}

/** "watched", and what the last change led to. */
function watchWords({ lastAction, at }: NonNullable<ServiceRecord['watching']>, now: number): string {
  if (lastAction === undefined) return 'watched';
  return `watched: ${lastAction}${at === undefined ? '' : ` ${describeDuration(now - at)} ago`}`;
}

function describeSwap(swap: NonNullable<ServiceRecord['swap']>, now: number): string {
  const image = swap.image.replace(/@sha256:([0-9a-f]{4})[0-9a-f]*/, '@$1…');
  if (swap.until === undefined) return image;
  const minutes = Math.max(0, Math.round((swap.until - now) / 60_000));
  const left = minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes} min`;
  return `${image} · back to local in ${left}`;
}

/** Before its containers run, their number says nothing. */
const NOT_YET: ReadonlySet<string> = new Set(['absent', 'waiting', 'working']);

function replicaWords(service: ServiceRecord): string {
  const running = service.replicas.filter((replica) => replica.state === 'running').length;
  // One may have asked for more than the file has.
  if (Math.max(running, service.wantedReplicas) <= 1 || NOT_YET.has(service.status.type)) return '';
  if (running >= service.wantedReplicas) return `${running} replicas`;
  return `${running} of ${service.wantedReplicas} replicas`;
}

/** The version as its pill says it: `postgres 15`, `nginx latest`, `built here`. */
export function versionText(service: ServiceRecord): string {
  if (service.swap) return 'production';
  if (service.built) return 'built here';
  if (service.middleware) return `${service.middleware.product} ${service.middleware.version}`;
  const [path = '', digest] = service.image.split('@');
  const name = path.split('/').at(-1) ?? path;
  if (digest) return `${name.split(':')[0]} ${digest.slice(7, 15)}`;
  return name.includes(':') ? name.replace(':', ' ') : `${name} latest`;
}

/** "12 of 40 MB". */
export function progressText(progress: Progress): string {
  if (progress.unit !== 'bytes') {
    return progress.total === undefined ? `${progress.current}` : `${progress.current} of ${progress.total}`;
  }
  const current = describeBytes(progress.current);
  // Before the first layer has said how large it is there is nothing to say.
  if (!progress.total) return progress.current === 0 ? '' : current;
  const total = describeBytes(progress.total);
  const unit = total.split(' ')[1] ?? '';
  return current.endsWith(` ${unit}`) ? `${current.split(' ')[0]} of ${total}` : `${current} of ${total}`;
}
