import type { ContainerId } from '#contract/ids.ts';
import type { TerminalSession } from '#contract/requests/terminal.ts';
import type { SessionDetails } from '#streams/terminals/terminalSessions.ts';
import { clientCommand } from '../clientCommand.ts';
import type { CoreParts } from '../coreParts.ts';
import { execMany } from '../execMany.ts';
import { requests } from '../requestBase.ts';

export function terminalHandlers(parts: CoreParts) {
  const { workspaces, terminals } = parts;
  return {
    open: requests.terminal.open.handler(async ({ input, signal }) => {
      const { replica, ...request } = input;
      const workspace = workspaces.get(input.workspace);
      const container = workspace.replica(input.service, replica).id as ContainerId;
      const client =
        input.kind === 'client' ? await clientCommand(workspace, input.service, container) : undefined;
      return sessionView(await terminals.open({ ...request, ...client, container, signal }));
    }),
    list: requests.terminal.list.handler(({ input }) => terminals.list(input.workspace).map(sessionView)),
    close: requests.terminal.close.handler(({ input }) => terminals.close(input.session)),
    execMany: requests.terminal.execMany.handler(({ input, signal }) =>
      execMany(workspaces.get(input.workspace), input, signal),
    ),
  };
}

function sessionView(session: SessionDetails): TerminalSession {
  const { id, service, title, kind, startedAt, exitCode, workingDir } = session;
  return { id, service, title, kind, startedAt, exitCode, workingDir };
}
