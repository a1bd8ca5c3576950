import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { systemClock } from '#base/clock.ts';
import { AppFailure } from '#contract/errors.ts';
import type { CoreOptions, Logger } from './coreOptions.ts';
import { systemFolders } from './folders.ts';
import { readVersion } from './version.ts';

/** What differs from host to host. */
export type HostParts = Pick<CoreOptions, 'connectEngine'> & Partial<CoreOptions>;

/** A host's options with this machine's time, folders and environment where it says nothing else. */
export function systemOptions(host: HostParts): CoreOptions {
  const environment = host.environment ?? definedOnly(process.env);
  return {
    clock: systemClock,
    newId: () => randomUUID(),
    folders: systemFolders(environment),
    environment,
    version: host.version ?? readVersion(),
    logger: SILENT,
    openExternal,
    ...host,
  };
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  const pairs = Object.entries(environment).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(pairs);
}

/** With the system's own opener; the address is one argument and never goes through a shell. */
async function openExternal(url: string): Promise<void> {
  const [command, ...rest] = openerOf(process.platform);
  await new Promise<void>((resolve, reject) => {
    const child = spawn(command, [...rest, url], { stdio: 'ignore', detached: true });
    child.once('error', (cause) =>
      reject(
        new AppFailure(
          { kind: 'notFound', what: command, message: `There is no ${command} to open a browser with.` },
          { cause },
        ),
      ),
    );
    child.once('spawn', resolve);
    child.unref();
  });
}

function openerOf(platform: NodeJS.Platform): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
