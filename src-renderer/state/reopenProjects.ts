import type { Disposable } from '#base/disposables.ts';
import type { Client, Connection } from '#client/connection.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { WorkspaceRecord } from '#contract/model.ts';
import type { Notices } from './notices.ts';
import type { ViewStore } from './viewStore.ts';

interface Window {
  readonly connection: Pick<Connection, 'watchState'>;
  readonly client: Client;
  readonly notices: Notices;
  readonly view: ViewStore;
}

/** A core that ended is started again, with nothing open: what was open in the one before is opened in it, and that is said. */
export function reopenProjects(model: Window): Disposable {
  let epoch: string | undefined;
  let open: readonly WorkspaceRecord[] = [];
  return model.connection.watchState((state) => {
    const now = [...state.records.values()].filter((record) => record.type === 'workspace');
    const there = new Set(now.map(({ id }) => id));
    const lost = open.filter(({ id }) => !there.has(id));
    if (epoch !== undefined && epoch !== state.epoch && lost.length > 0) void reopen(model, lost);
    epoch = state.epoch;
    open = now;
  });
}

async function reopen({ client, notices, view }: Window, lost: readonly WorkspaceRecord[]): Promise<void> {
  const front = view.getState().workspace;
  const names: string[] = [];
  // What one was looking at comes first.
  for (const project of lost.toSorted((a, b) => Number(b.id === front) - Number(a.id === front))) {
    try {
      await openAgain(client, project);
      names.push(project.name);
    } catch (thrown) {
      notices.failed(`Opening ${project.name} again`, thrown);
    }
  }
  if (names.length === 0) return;
  notices.add({
    tone: 'fail',
    title: 'Slipway’s core ended and was started again',
    detail: `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} open again; shells have to be opened anew.`,
  });
}

/** By its folder; where that gives another project, it had been opened by its file. */
async function openAgain(client: Client, { id, folder, composeFiles }: WorkspaceRecord): Promise<void> {
  const opened: { readonly workspace: WorkspaceId } = await client.project.open({ path: folder });
  const [file] = composeFiles;
  if (opened.workspace === id || file === undefined) return;
  await client.project.close({ workspace: opened.workspace });
  await client.project.open({ path: file });
}
