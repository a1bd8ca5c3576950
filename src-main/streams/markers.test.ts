import { expect, test } from 'vitest';
import { decodeMarker, encodeMarker, formatMarker, type LogMarker } from './markers.ts';

const ENDS: readonly (readonly [LogMarker, string])[] = [
  [{ type: 'bootEnded', green: true }, 'boot ended: everything is ready'],
  [{ type: 'bootEnded', green: false }, 'boot failed'],
  [{ type: 'bootEnded', green: false, cancelled: true }, 'boot cancelled'],
];

test.each(ENDS)('the end of a boot is said as it was: %o', (marker, words) => {
  const stored = decodeMarker(encodeMarker(marker));
  expect(stored && formatMarker(stored)).toBe(words);
});
