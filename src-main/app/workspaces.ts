import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Disposable } from '#base/disposables.ts';
import { AppFailure } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ProjectRequest } from './projectSource.ts';
import { missing } from './requestBase.ts';
import { Workspace } from './workspace.ts';
import type { WorkspaceContext } from './workspaceContext.ts';

/** The open projects. */
export class Workspaces implements Disposable {
  readonly #context: WorkspaceContext;
  readonly #open = new Map<WorkspaceId, { readonly workspace: Workspace; readonly ready: Promise<void> }>();

  constructor(context: WorkspaceContext) {
    this.#context = context;
  }

  get all(): readonly Workspace[] {
    return [...this.#open.values()].map(({ workspace }) => workspace);
  }

  /** Throws `notFound` for a project that is not open. */
  get(id: string): Workspace {
    const entry = this.#open.get(id as WorkspaceId);
    if (entry === undefined) throw missing(`workspace ${id}`, 'This project is not open (any more).');
    return entry.workspace;
  }

  /** Opens, or gives what is open already. Resolves when the files have been read, well or badly. */
  async open(request: ProjectRequest): Promise<Workspace> {
    const asked = await requestOf(request);
    const id = workspaceId(asked);
    let entry = this.#open.get(id);
    if (entry === undefined) {
      const workspace = new Workspace(id, asked, this.#context);
      entry = { workspace, ready: workspace.start() };
      this.#open.set(id, entry);
    }
    await entry.ready;
    return entry.workspace;
  }

  async close(id: string): Promise<void> {
    const workspace = this.get(id);
    this.#open.delete(workspace.id);
    await workspace.dispose();
  }

  async dispose(): Promise<void> {
    const open = this.all;
    this.#open.clear();
    await Promise.all(open.map((workspace) => workspace.dispose()));
  }
}

/** A path to a file means that file and its folder. */
async function requestOf(request: ProjectRequest): Promise<ProjectRequest> {
  const folder = path.resolve(request.folder);
  const facts = await stat(folder).catch(() => undefined);
  if (facts === undefined) {
    throw new AppFailure({ kind: 'path.missing', path: folder, message: `${folder} is not there.` });
  }
  if (facts.isDirectory()) return { ...request, folder };
  return { ...request, folder: path.dirname(folder), files: [folder, ...(request.files ?? [])] };
}

/** The same folder, files and name give the same id at every start. */
function workspaceId(request: ProjectRequest): WorkspaceId {
  const parts = [
    request.folder,
    request.files ?? [],
    request.projectName ?? '',
    request.projectDirectory ?? '',
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16) as WorkspaceId;
}
