import { homedir } from 'node:os';
import path from 'node:path';

/** Where the development scripts keep what they download, build and log; safe to delete when all is stopped. */
export function cacheDirectory(...inside: readonly string[]): string {
  const root = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return path.join(root, 'slipway', ...inside);
}
