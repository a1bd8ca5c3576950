import os from 'node:os';
import path from 'node:path';
import type { CoreFolders } from './coreOptions.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where this user's settings, state and cache belong on this system.
 * Source: the XDG base directory specification; Apple's and Microsoft's own places elsewhere.
 */
export function systemFolders(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): CoreFolders {
  const home = os.homedir();
  switch (platform) {
    case 'darwin': {
      const support = path.join(home, 'Library', 'Application Support', 'Slipway');
      return {
        home,
        config: support,
        state: support,
        cache: path.join(home, 'Library', 'Caches', 'Slipway'),
      };
    }
    case 'win32': {
      const roaming = environment['APPDATA'] ?? path.join(home, 'AppData', 'Roaming');
      const local = environment['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local');
      return {
        home,
        config: path.join(roaming, 'Slipway'),
        state: path.join(local, 'Slipway'),
        cache: path.join(local, 'Slipway', 'Cache'),
      };
    }
    default:
      return {
        home,
        config: path.join(xdg(environment['XDG_CONFIG_HOME'], home, '.config'), 'slipway'),
        state: path.join(xdg(environment['XDG_DATA_HOME'], home, '.local/share'), 'slipway'),
        cache: path.join(xdg(environment['XDG_CACHE_HOME'], home, '.cache'), 'slipway'),
      };
  }
}

/** A relative path is invalid there and counts as unset. */
function xdg(value: string | undefined, home: string, usual: string): string {
  return value !== undefined && path.isAbsolute(value) ? value : path.join(home, usual);
}
