import type { PullProgress } from '../images.ts';
import { number, type Raw, record, text } from './raw.ts';

/** The engine's status words. Source: moby `distribution/xfer` and `distribution/pull_v2.go`, `push_v2.go`. */
const PHASES: Readonly<Record<string, PullProgress['phase']>> = {
  'Pulling fs layer': 'waiting',
  Waiting: 'waiting',
  Preparing: 'waiting',
  Downloading: 'downloading',
  Pushing: 'downloading',
  'Verifying Checksum': 'verifying',
  'Download complete': 'downloaded',
  Extracting: 'extracting',
  'Pull complete': 'done',
  Pushed: 'done',
  'Already exists': 'exists',
  'Layer already exists': 'exists',
};

/** One message of a pull or a push. Exported for its test. */
export function pullProgress(raw: Raw): PullProgress {
  const status = text(raw['status']);
  const detail = record(raw['progressDetail']);
  const phase =
    PHASES[status] ?? (/^(Retrying in|Mounted from)/.test(status) ? mountedOrRetrying(status) : 'message');
  return {
    // "Pulling from library/postgres" carries the tag where others carry the layer.
    layer: phase === 'message' ? '' : text(raw['id']),
    phase,
    ...('current' in detail ? { current: number(detail['current']) } : {}),
    ...('total' in detail ? { total: number(detail['total']) } : {}),
    text: status || text(raw['stream']),
  };
}

function mountedOrRetrying(status: string): PullProgress['phase'] {
  return status.startsWith('Retrying') ? 'retrying' : 'exists';
}
