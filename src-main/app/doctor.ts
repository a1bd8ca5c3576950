import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { describeBytes } from '#contract/describe.ts';
import { isKind } from '#contract/errors.ts';
import type { EngineStatus } from '#contract/model.ts';
import type { DoctorFinding } from '#contract/requests/app.ts';
import type { Engine } from '#engine/engine.ts';
import type { CoreParts } from './coreParts.ts';
import { projectFindings } from './doctorProject.ts';

/** Below this a pull or a build is likely to fail. */
const LITTLE_SPACE_BYTES = 5e9;
const NO_SPACE_BYTES = 1e9;

/** Looks at the engine, at the disk and, where a project is named, at that. Never rejects because something is wrong. */
export async function runDoctor(
  parts: CoreParts,
  workspace: string | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly DoctorFinding[]> {
  const status = await parts.link.settled(signal);
  const engine = parts.link.engine;
  const [engineFound, disk, project] = await Promise.all([
    engineFindings(status, engine, signal),
    diskFindings(parts, signal),
    workspace === undefined ? [] : projectFindings(parts.workspaces.get(workspace), engine, signal),
  ]);
  return [...engineFound, ...disk, ...project];
}

async function engineFindings(
  status: EngineStatus,
  engine: Engine | undefined,
  signal: AbortSignal | undefined,
): Promise<DoctorFinding[]> {
  if (status.type !== 'connected' || engine === undefined) return [noEngine(status)];
  const info = await engine.info({ signal });
  const findings: DoctorFinding[] = [
    {
      id: 'engine',
      area: 'engine',
      severity: 'ok',
      title: `${info.product} ${info.version} answers`,
      detail: `API ${info.apiVersion} at ${info.endpoint}, ${info.platform}, ${info.cpus} CPUs, ${describeBytes(info.memoryBytes)} of memory`,
    },
  ];
  if (info.memoryBytes < 2e9) {
    findings.push({
      id: 'engine.memory',
      area: 'engine',
      severity: 'warning',
      title: `The engine has only ${describeBytes(info.memoryBytes)} of memory`,
      fix: 'Give the virtual machine of the engine more memory.',
    });
  }
  return findings;
}

function noEngine(status: EngineStatus): DoctorFinding {
  const error = status.type === 'unreachable' ? status.error : undefined;
  return {
    id: 'engine',
    area: 'engine',
    severity: 'error',
    title: error?.message ?? 'The engine has not answered yet',
    detail:
      status.type === 'unreachable' && status.tried.length > 0
        ? `Tried: ${status.tried.join(', ')}`
        : undefined,
    fix: error?.hint,
  };
}

/** The disk of the engine where it is this machine's, else our own. */
async function diskFindings(parts: CoreParts, signal: AbortSignal | undefined): Promise<DoctorFinding[]> {
  const { engine } = parts.link;
  const rootDir = engine === undefined ? undefined : (await engine.info({ signal })).rootDir;
  const found = await freeSpace(rootDir, parts.options.folders.home);
  if (found === undefined) return [];
  const { folder, freeBytes } = found;
  const severity = freeBytes < NO_SPACE_BYTES ? 'error' : freeBytes < LITTLE_SPACE_BYTES ? 'warning' : 'ok';
  return [
    {
      id: 'disk',
      area: 'disk',
      severity,
      title: `${describeBytes(freeBytes)} free at ${folder}`,
      fix:
        severity === 'ok'
          ? undefined
          : 'Remove images and build caches that nobody needs: `docker system df` shows them.',
    },
  ];
}

async function freeSpace(...folders: readonly (string | undefined)[]) {
  for (const folder of folders) {
    const facts = folder === undefined ? undefined : await statfs(folder).catch(() => undefined);
    if (folder !== undefined && facts !== undefined) {
      return { folder: path.resolve(folder), freeBytes: facts.bavail * facts.bsize };
    }
  }
  return undefined;
}

/** The answer of a question that an engine may refuse: then there is no finding, and the engine's own finding says why. */
export async function unlessEngineFails<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (isKind(thrown, 'engine.unreachable', 'engine.failed', 'engine.denied')) return undefined;
    throw thrown;
  }
}
