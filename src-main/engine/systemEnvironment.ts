import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { EngineEnvironment } from './discovery.ts';

/** This machine and this process, for discovery. */
export function systemEnvironment(): EngineEnvironment {
  return {
    platform: process.platform,
    home: homedir(),
    userId: process.getuid?.(),
    variables: process.env,
    readFile: (path) => readFile(path, 'utf8').catch(() => undefined),
  };
}
