import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Rootfs, Suite } from './recipe.ts';

/** The file in an unpacked root that names the packages in it, one file name of a package per line. */
export const PACKAGE_LIST = 'hub-packages';

/** Files get no later time than this, so that the same packages make the same layer. */
export const SOURCE_DATE_EPOCH = 1_750_000_000;

/** The address this machine gets Debian packages from, as apt is configured. */
export function debianMirror(): string {
  const asked = spawnSync(
    'apt-get',
    ['indextargets', '--format', '$(SITE) $(RELEASE) $(COMPONENT) $(ORIGIN)', 'Created-By: Packages'],
    { encoding: 'utf8' },
  );
  const targets = asked.stdout.split('\n').map((line) => line.split(' '));
  // Security and update archives carry a suffix in the release name; other origins are not Debian.
  const main = targets.find(
    ([, release, component, origin]) =>
      component === 'main' && origin === 'Debian' && /^[a-z]+$/.test(release ?? ''),
  );
  return main?.[0] ?? 'http://deb.debian.org/debian';
}

/** Unpacks packages into a root file system; `tar` yields it, `done` settles when the packages are all there. */
export function unpack(rootfs: Rootfs): { readonly tar: Readable; readonly done: Promise<void> } {
  const child = spawn('mmdebstrap', mmdebstrapArguments(rootfs, debianMirror()), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH), LC_ALL: 'C.UTF-8' },
  });
  let messages = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    messages = (messages + text).slice(-20_000);
  });
  const done = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve() : reject(new Error(failure(rootfs, messages)))));
  });
  return { tar: child.stdout, done };
}

function mmdebstrapArguments(rootfs: Rootfs, mirror: string): string[] {
  return [
    rootfs.complete === true ? '--variant=minbase' : '--variant=extract',
    '--mode=root',
    '--format=tar',
    `--include=${[...rootfs.packages].join(',')}`,
    // Unpacked without it, the older releases get a /bin of their own beside /usr/bin.
    ...(isMerged(rootfs) ? [] : ['--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr']),
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Languages "none"',
    `--extract-hook=ls "$1/var/cache/apt/archives" > "$1/${PACKAGE_LIST}"`,
    ...(rootfs.hooks ?? []).map((hook) => `--extract-hook=${hook}`),
    rootfs.suite,
    '-',
    sourceLine(rootfs.suite, mirror),
  ];
}

function isMerged(rootfs: Rootfs): boolean {
  return rootfs.suite === 'trixie' || rootfs.suite === 'forky' || rootfs.complete === true;
}

function sourceLine(suite: Suite, mirror: string): string {
  // An older keyring does not know the newest suites. Test images may come unsigned, the product never does.
  const known = existsSync(`/usr/share/keyrings/debian-archive-${suite}-stable.gpg`);
  return `deb ${known ? '' : '[trusted=yes] '}${mirror} ${suite} main`;
}

function failure(rootfs: Rootfs, messages: string): string {
  const tail = messages.trimEnd().split('\n').slice(-12).join('\n');
  return `Unpacking ${rootfs.packages.join(' ')} from ${rootfs.suite} failed:\n${tail}`;
}
