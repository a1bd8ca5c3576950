import { unreachable } from '#contract/unreachable.ts';

/** What happened to a service, as a line among its lines. */
export type LogMarker =
  | { readonly type: 'started' }
  | { readonly type: 'exited'; readonly exitCode: number }
  | { readonly type: 'restarted' }
  | { readonly type: 'recreated' }
  | { readonly type: 'replaced'; readonly image: string }
  | { readonly type: 'switched'; readonly from: string; readonly to: string }
  | { readonly type: 'bootBegan' }
  | { readonly type: 'bootEnded'; readonly green: boolean; readonly cancelled?: boolean }
  | { readonly type: 'unreadable'; readonly driver: string }
  | { readonly type: 'note'; readonly text: string };

/** As stored. */
export function encodeMarker(marker: LogMarker): string {
  return JSON.stringify(marker);
}

/** Undefined for what a newer version may have stored. */
export function decodeMarker(text: string): LogMarker | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMarker(value) ? value : undefined;
  } catch {
    return undefined; // not ours: shown as it is
  }
}

const TYPES: readonly string[] = [
  'started',
  'exited',
  'restarted',
  'recreated',
  'replaced',
  'switched',
  'bootBegan',
  'bootEnded',
  'unreadable',
  'note',
] satisfies LogMarker['type'][];

function isMarker(value: unknown): value is LogMarker {
  return typeof value === 'object' && value !== null && 'type' in value && TYPES.includes(String(value.type));
}

/** `acme/api@9c1f…`: the whole digest stands in the store. */
function shortDigest(image: string): string {
  return image.replace(/@sha256:([0-9a-f]{4})[0-9a-f]*/, '@$1…');
}

/** As shown. */
export function formatMarker(marker: LogMarker): string {
  switch (marker.type) {
    case 'started':
      return 'started';
    case 'exited':
      return `exited with code ${marker.exitCode}`;
    case 'restarted':
      return 'restarted';
    case 'recreated':
      return 'container recreated';
    case 'replaced':
      return `replaced by ${shortDigest(marker.image)}`;
    case 'switched':
      return `switched from ${shortDigest(marker.from)} to ${shortDigest(marker.to)}`;
    case 'bootBegan':
      return 'boot began';
    case 'bootEnded':
      if (marker.green) return 'boot ended: everything is ready';
      return marker.cancelled ? 'boot cancelled' : 'boot failed';
    case 'unreadable':
      return `the engine cannot read this container's logs: its log driver is ${marker.driver}`;
    case 'note':
      return marker.text;
    default:
      return unreachable(marker);
  }
}

/** A stored marker as shown. */
export function markerText(stored: Buffer): Buffer {
  const marker = decodeMarker(stored.toString('utf8'));
  return marker === undefined ? stored : Buffer.from(formatMarker(marker));
}
