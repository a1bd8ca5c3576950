import type { FileObject, FileReference, Project } from '#compose/project.ts';
import type { MountBody } from '#engine/bodies.ts';
import type { InjectedFile } from '../plan.ts';
import type { BodyContext } from './context.ts';

export interface FileMounts {
  readonly mounts: readonly MountBody[];
  readonly files: readonly InjectedFile[];
  readonly warnings: readonly string[];
}

type Kind = 'secret' | 'config';

/** World-readable, as docker compose makes them where the file says nothing. */
const DEFAULT_MODE = 0o444;

/** Secrets and configs: a file of the host is mounted, a content is copied in before the start. */
export function fileMounts(context: Pick<BodyContext, 'project' | 'service'>): FileMounts {
  const { service } = context;
  const all = [
    ...(service.secrets ?? []).map((reference) => one(context.project, 'secret', reference)),
    ...(service.configs ?? []).map((reference) => one(context.project, 'config', reference)),
  ];
  return {
    mounts: all.flatMap((entry) => entry.mounts),
    files: all.flatMap((entry) => entry.files),
    warnings: all.flatMap((entry) => entry.warnings),
  };
}

function one(project: Project, kind: Kind, reference: FileReference): FileMounts {
  const key = reference.source ?? '';
  const object = (kind === 'secret' ? project.secrets : project.configs)[key];
  const target = targetPath(kind, reference);
  if (object === undefined) return said(`${kind} ${key} is not defined`);
  if (object.external) return said(`${kind} ${key} is external: an engine without swarm has no such thing`);
  if (object.file !== undefined && object.file !== '') return mounted(object.file, target, kind, reference);
  return injected(contentOf(project, kind, key, object), target, reference);
}

function said(warning: string): FileMounts {
  return { mounts: [], files: [], warnings: [warning] };
}

function mounted(file: string, target: string, kind: Kind, reference: FileReference): FileMounts {
  const ignored = reference.uid || reference.gid || reference.mode;
  const warnings = ignored
    ? [`${kind} ${reference.source}: uid, gid and mode have no effect on a mounted file`]
    : [];
  const mount: MountBody = { Type: 'bind', Source: file, Target: target, ReadOnly: true };
  // As docker compose sends the two: the same to the engine, but not in what inspect says.
  const sent = kind === 'secret' ? { ...mount, BindOptions: {} } : mount;
  return { mounts: [sent], files: [], warnings };
}

function injected(content: string, path: string, reference: FileReference): FileMounts {
  const file = {
    path,
    content,
    uid: Number(reference.uid ?? 0) || 0,
    gid: Number(reference.gid ?? 0) || 0,
    mode: reference.mode ? Number.parseInt(reference.mode, 8) : DEFAULT_MODE,
  };
  return { mounts: [], files: [file], warnings: [] };
}

function contentOf(project: Project, kind: Kind, key: string, object: FileObject): string {
  const resolved = kind === 'secret' ? project.resolvedContent.secrets : project.resolvedContent.configs;
  return resolved[key] ?? object.content ?? '';
}

function targetPath(kind: Kind, reference: FileReference): string {
  const target = reference.target || reference.source || '';
  if (target.startsWith('/') || /^[a-zA-Z]:\\/.test(target)) return target;
  return kind === 'secret' ? `/run/secrets/${target}` : `/${target}`;
}
