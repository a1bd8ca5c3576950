import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Suite, WholeRootfs } from './recipe.ts';

/** The file in an unpacked root that names the packages in it, one file name of a package per line. */
export const PACKAGE_LIST = 'hub-packages';

/** Files get no later time than this, so that the same packages make the same layer. */
export const SOURCE_DATE_EPOCH = 1_750_000_000;

/** The archive of a program's standard output; `done` settles when it ended well. */
export interface ArchiveSource {
  readonly tar: Readable;
  readonly done: Promise<void>;
}

/** The line of a sources.list for a release, at the mirror that this machine's apt is configured for. */
export function sourceLine(suite: Suite): string {
  // An older keyring does not know the newest suites. Test images may come unsigned, the product never does.
  const known = existsSync(`/usr/share/keyrings/debian-archive-${suite}-stable.gpg`);
  return `deb ${known ? '' : '[trusted=yes] '}${debianMirror()} ${suite} main`;
}

function debianMirror(): string {
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

/** The files of one package. */
export function packageArchive(file: string): ArchiveSource {
  return archiveOf('dpkg-deb', ['--fsys-tarfile', file], `Unpacking ${file}`);
}

/** A root file system made at once, with commands run in it. */
export function wholeArchive(rootfs: WholeRootfs): ArchiveSource {
  return archiveOf(
    'mmdebstrap',
    mmdebstrapArguments(rootfs),
    `Unpacking ${rootfs.packages.join(' ')} from ${rootfs.suite}`,
  );
}

function archiveOf(command: string, args: readonly string[], what: string): ArchiveSource {
  const child = spawn(command, [...args], {
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
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`${what} failed:\n${messages.trimEnd().split('\n').slice(-12).join('\n')}`));
    });
  });
  done.catch(() => {}); // whoever reads the archive asks for it when the archive has ended
  return { tar: child.stdout, done };
}

function mmdebstrapArguments(rootfs: WholeRootfs): string[] {
  // Unpacked without it, the older releases get a /bin of their own beside /usr/bin.
  const merges = rootfs.suite !== 'trixie' && rootfs.suite !== 'forky' && rootfs.complete !== true;
  return [
    rootfs.complete === true ? '--variant=minbase' : '--variant=extract',
    '--mode=root',
    '--format=tar',
    `--include=${[...rootfs.packages].join(',')}`,
    ...(merges ? ['--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr'] : []),
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Languages "none"',
    `--extract-hook=ls "$1/var/cache/apt/archives" > "$1/${PACKAGE_LIST}"`,
    ...(rootfs.hooks ?? []).map((hook) => `--extract-hook=${hook}`),
    rootfs.suite,
    '-',
    sourceLine(rootfs.suite),
  ];
}
