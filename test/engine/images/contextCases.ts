import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import type { Engine } from '#engine/engine.ts';
import { type BuildRequest, buildImage } from '#images/build/buildImage.ts';

const run = promisify(execFile);

/** What a case's folder holds, by path; a text that begins with `->` makes a link. */
export interface ContextCase {
  readonly files: readonly string[];
  readonly rules: readonly string[];
}

const NAMES = ['a', 'b', 'node_modules', 'src', 'x.log', 'y.txt', '.git', 'ö', 'a b'];
const name = fc.constantFrom(...NAMES);
const filePath = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const piece = fc.oneof(
  { weight: 4, arbitrary: name },
  fc.constantFrom('*', '**', '?', '*.log', 'y.*', '[ab]', 'n*s', '.', '..', 'a\\b'),
);
const rule = fc
  .tuple(
    fc.constantFrom('', '', '', '!', '/', '# ', ' '),
    fc.array(piece, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '/', ' '),
  )
  .map(([before, parts, after]) => `${before}${parts.join('/')}${after}`);

export const contextCase: fc.Arbitrary<ContextCase> = fc.record({
  files: fc.uniqueArray(filePath, { minLength: 1, maxLength: 14 }),
  rules: fc.array(rule, { maxLength: 6 }),
});

const LIST = 'cd /ctx && find . -exec stat -c "%n %f %u %g" {} \\; | sort';

/** Every entry that the image got, with its mode and owner: from docker's own client, and from ours. */
export async function bothLists(
  engine: Engine,
  own: ContextCase,
): Promise<readonly [docker: string[], ours: string[]]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-ignore-'));
  try {
    await write(folder, own);
    const dockerfile = `FROM busybox:1\nCOPY . /ctx\nRUN echo ${path.basename(folder)} && ${LIST}\n`;
    await writeFile(path.join(folder, 'Dockerfile'), dockerfile);
    // Ours first: the engine does not run again what it has built already, and shows no output of it.
    const ours = await ourList(engine, folder);
    return [await dockerList(folder), ours];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(folder: string, { files, rules }: ContextCase): Promise<void> {
  for (const [at, file] of files.entries()) {
    const target = path.join(folder, file);
    try {
      await mkdir(path.dirname(target), { recursive: true });
      if (at % 5 === 4) await symlink('y.txt', target);
      else if (at % 5 === 3) await mkdir(target, { recursive: true });
      else await writeFile(target, file);
      if (at % 5 === 2) await chmod(target, 0o755);
    } catch {
      // A file stands where a folder would have to: the case goes without it.
    }
  }
  await writeFile(path.join(folder, '.dockerignore'), `${rules.join('\n')}\n`);
}

/** Docker's usual client. Its old one skips whole folders, whatever `!` pattern could still fit in them. */
async function dockerList(folder: string): Promise<string[]> {
  const words = ['build', '--no-cache', '--progress', 'plain', folder];
  const said = await run('docker', words, { env: { ...process.env, DOCKER_BUILDKIT: '1' } }).catch(
    (thrown: { stdout?: string; stderr?: string }) => ({ stdout: thrown.stdout, stderr: thrown.stderr }),
  );
  // `#7 0.312 ./a 81a4 0 0`
  return entries(`${said.stdout}${said.stderr}`.replace(/^#\d+ [\d.]+ /gm, ''));
}

/** Whether the client that docker builds with is there. */
export async function hasBuildx(): Promise<boolean> {
  return run('docker', ['buildx', 'version']).then(
    () => true,
    () => false,
  );
}

async function ourList(engine: Engine, folder: string): Promise<string[]> {
  let said = '';
  const project: BuildRequest['project'] = {
    name: 'context',
    environment: {},
    secrets: {},
    services: {},
    resolvedContent: { secrets: {}, configs: {} },
  };
  const image = `slipway-${path.basename(folder).toLowerCase()}`;
  try {
    await buildImage(engine, {
      project,
      service: 'case',
      build: { context: folder },
      image,
      auths: [],
      id: 'case',
      now: Date.now,
      onOutput: (output) => {
        if (output.type === 'log') said += Buffer.from(output.bytes).toString();
      },
    });
  } catch (thrown) {
    said += String(thrown);
  }
  if ((await engine.inspectImage(image)) !== undefined) await engine.removeImage(image, { force: true });
  return entries(said);
}

/** A context without anything is no context for either. */
function entries(output: string): string[] {
  const listed = output.split('\n').filter((line) => /^\.(\/.*)? [0-9a-f]{4} \d+ \d+$/.test(line));
  return listed.filter((line) => !line.startsWith('. ')).sort();
}
