import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { overrideService } from '#compose/override.ts';
import type { Port, Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { ProjectSource } from './projectSource.ts';
import { missing } from './requestBase.ts';
import type { Stack } from './stack.ts';
import { writeVariables } from './variables.ts';
import { slipwayFiles } from './versions/slipwayFiles.ts';

export interface FixRequest {
  readonly service: string;
  /** `kind` or `kind:argument`, as the card had it. */
  readonly fix: string;
  readonly values?: Readonly<Record<string, string>> | undefined;
  readonly consents?: readonly string[] | undefined;
}

/**
 * Does what a button of a failure card says and boots what is left. What only a window can do (open the log, the versions)
 * is not asked for here. Throws `notFound` for a fix that is none.
 */
export async function applyFix(
  { source, stack }: { readonly source: ProjectSource; readonly stack: Stack },
  request: FixRequest,
): Promise<{ readonly run: RunId }> {
  const [kind = '', argument = ''] = split(request.fix);
  const { service, consents } = request;
  switch (kind) {
    case 'retry':
      return stack.boot({ consents });
    case 'service.start':
      return stack.boot({ services: [argument, service], consents });
    case 'build.again':
      return stack.boot({ build: true, services: [service], consents });
    case 'path.create':
      await createPath(source.require(), argument);
      break;
    case 'variable.set':
      await setVariable(source, argument, request.values ?? {});
      break;
    case 'port.move':
      await movePort(source.require(), service, argument);
      break;
    default:
      throw missing(`fix ${kind}`, 'This cannot be done from here yet.');
  }
  await source.load();
  return stack.boot({ consents });
}

/** At the first colon: a path or an image has more. */
function split(fix: string): readonly string[] {
  const colon = fix.indexOf(':');
  return colon < 0 ? [fix] : [fix.slice(0, colon), fix.slice(colon + 1)];
}

/** Only a folder that the files themselves mount: a reader cannot make us create others. */
async function createPath(project: Project, folder: string): Promise<void> {
  const mounted = Object.values(project.services).some(({ volumes }) =>
    volumes?.some(({ type, source }) => type === 'bind' && source === folder),
  );
  if (!mounted || !path.isAbsolute(folder)) throw missing(`folder ${folder}`, `No service mounts ${folder}.`);
  await mkdir(folder, { recursive: true });
}

async function setVariable(
  source: ProjectSource,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const chosen = name === '' ? values : { [name]: values[name] ?? '' };
  if (Object.values(chosen).every((value) => value === '')) {
    throw new AppFailure({ kind: 'input.invalid', field: name, message: 'A value is wanted.' });
  }
  await writeVariables(path.join(source.request.folder, '.env'), chosen);
}

/** Publishes the same container port on a port that is free, in Slipway's override. */
async function movePort(project: Project, service: string, taken: string): Promise<void> {
  const [number, protocol = 'tcp'] = taken.split('/');
  const ports = project.services[service]?.ports ?? [];
  const index = ports.findIndex((port) => port.published === number && (port.protocol ?? 'tcp') === protocol);
  if (index < 0) throw missing(`port ${taken}`, `${service} does not publish ${taken}.`);
  const free = String(await freePort());
  const moved: readonly Port[] = ports.map((port, at) =>
    at === index ? { ...port, published: free } : port,
  );
  const files = slipwayFiles(project.workingDir);
  await files.writeOverride(overrideService(await files.readOverride(), service, { ports: moved }));
}

/** The system knows one; it may be taken again before the container starts, and then the card comes back. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '0.0.0.0', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
