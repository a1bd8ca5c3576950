import { chmod, open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Project, Service } from '#compose/project.ts';
import { unknownService } from '#compose/unknownService.ts';
import { missing } from '../requestBase.ts';
import type { Asked, BootAfter, FixContext } from './fixContext.ts';
import { requireConsentTo } from './fixContext.ts';
import { type Script, scriptsOf } from './scriptFiles.ts';

/** Rewrites the user's scripts of a service with LF at the end of their lines. Only those that were named and agreed to. */
export async function convertScripts(context: FixContext, asked: Asked): Promise<BootAfter> {
  const { project, service } = find(context, asked);
  const scripts = (await scriptsOf(service)).filter(({ text }) => text.includes('\r\n'));
  if (scripts.length === 0) {
    throw missing(
      'script',
      'No script that is mounted or built in from here has Windows line ends: the image brought it.',
    );
  }
  requireConsentTo(names(scripts, project), asked, {
    message: 'These files of yours are rewritten: each CR LF becomes LF, nothing else changes.',
    hint: '“* text=auto eol=lf” in .gitattributes keeps git from bringing them back.',
  });
  for (const script of scripts) await rewrite(script.file, (text) => text.replaceAll('\r\n', '\n'));
  return afterwards(asked, scripts);
}

/** Lets the user's scripts of a service be run. `argument` is the path in the container where it is known which one fails. */
export async function makeExecutable(context: FixContext, asked: Asked): Promise<BootAfter> {
  const { project, service } = find(context, asked);
  const stuck = (await scriptsOf(service)).filter(({ executable }) => !executable);
  const named = stuck.filter(({ file }) => path.basename(file) === path.posix.basename(asked.argument));
  const scripts = named.length > 0 ? named : stuck;
  if (scripts.length === 0) {
    throw missing(
      'script',
      'No script that is mounted or built in from here lacks the permission: the image brought it.',
    );
  }
  requireConsentTo(names(scripts, project), asked, {
    message: 'These files of yours are made executable (chmod +x).',
    hint: 'git keeps that: git update-index --chmod=+x.',
  });
  for (const { file } of scripts) await chmod(file, (await stat(file)).mode | EXECUTABLE);
  return afterwards(asked, scripts);
}

/** For everybody, as chmod +x has it: the user in the container is seldom the owner. */
const EXECUTABLE = 0o111;

function find({ source }: FixContext, { service: name }: Asked): { project: Project; service: Service } {
  const project = source.require();
  const service = project.services[name];
  if (service === undefined) throw unknownService(project, name);
  return { project, service };
}

/** As the user would name them: relative to the project where they are in it. */
function names(scripts: readonly Script[], project: Project): string[] {
  return scripts.map(({ file }) => {
    const relative = path.relative(project.workingDir, file);
    return relative.startsWith('..') ? file : relative;
  });
}

/** A file that was built in reaches the container only with the next image. */
function afterwards({ service }: Asked, scripts: readonly Script[]): BootAfter {
  return scripts.some(({ from }) => from === 'build') ? { services: [service], build: true } : {};
}

/**
 * A kill in the middle leaves the old file whole. The new one has the old one's permissions, and takes its name in one step;
 * a file that is mounted by itself stays the old one in a running container, and the boot starts it anew.
 */
async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  const [text, { mode }] = await Promise.all([readFile(file, 'latin1'), stat(file)]);
  const fresh = `${file}.slipway-new`;
  const handle = await open(fresh, 'wx', mode);
  try {
    // One character for one byte, whatever the encoding.
    await handle.writeFile(change(text), 'latin1');
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
