import type { ByteChannel } from '#base/byteChannel.ts';
import type { Clock } from '#base/clock.ts';
import type { Disposable } from '#base/disposables.ts';
import { Emitter } from '#base/emitter.ts';
import { AppFailure } from '#contract/errors.ts';
import type { ContainerId, SessionId } from '#contract/ids.ts';
import type { TerminalSession } from '#contract/requests/terminal.ts';
import type { Engine } from '#engine/engine.ts';
import { TOOLBOX_PROMPT, terminalEnvironment } from './shellEnvironment.ts';
import { findShell, type Shell, shellAt } from './shellFinder.ts';
import {
  attachTerminal,
  startExecTerminal,
  type TerminalProcess,
  type TerminalSize,
} from './terminalProcess.ts';
import { TerminalHost } from './terminalSession.ts';
import { DEFAULT_TOOLBOX_IMAGE, TARGET_ROOT, Toolboxes } from './toolbox.ts';

export interface TerminalSessionsOptions {
  readonly engine: () => Engine;
  readonly clock: Clock;
  /** Unguessable and new each time. */
  readonly newId: () => string;
  readonly toolboxImage?: (() => string) | undefined;
}

export interface OpenTerminal extends TerminalSize {
  readonly workspace: string;
  readonly service: string;
  readonly container: ContainerId;
  readonly kind: TerminalSession['kind'];
  /** For `client` and `command`; for `shell` the shell, where one was chosen. */
  readonly command?: readonly string[] | undefined;
  /** Beside the ones that every terminal has: what logs a product's own client in. */
  readonly env?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly workingDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A session with what the core knows of it. */
export interface SessionDetails extends TerminalSession {
  readonly workspace: string;
  readonly container: ContainerId;
  /** Where its shell is now, as far as it reports that: a new shell can begin there. */
  readonly workingDir: string | undefined;
}

interface Session {
  readonly info: Omit<SessionDetails, 'workingDir' | 'exitCode'>;
  readonly host: TerminalHost;
  readonly release: () => Promise<void>;
}

/** Shells and clients. They live in the core until they are closed, whoever looks at them. */
export class TerminalSessions implements Disposable {
  /** Something in `list` is different. */
  readonly changes = new Emitter<void>();
  readonly toolboxes: Toolboxes;
  readonly #options: TerminalSessionsOptions;
  readonly #sessions = new Map<string, Session>();

  constructor(options: TerminalSessionsOptions) {
    this.#options = options;
    const { engine, toolboxImage = () => DEFAULT_TOOLBOX_IMAGE } = options;
    this.toolboxes = new Toolboxes({ engine, image: toolboxImage });
  }

  /** Starts one. A shell where there is none becomes a toolbox. */
  async open(request: OpenTerminal): Promise<SessionDetails> {
    const id = this.#options.newId() as SessionId;
    const started = await this.#start(id, request);
    const { service, container, workspace } = request;
    const info = {
      id,
      service,
      container,
      workspace,
      title: started.title,
      kind: started.kind,
      startedAt: this.#options.clock.now(),
    };
    const host = new TerminalHost(started.process, { size: request, onExit: () => this.changes.emit() });
    this.#sessions.set(id, { info, host, release: started.release });
    this.changes.emit();
    return this.#details(this.#get(id));
  }

  /** In the order they were opened. */
  list(workspace?: string): readonly SessionDetails[] {
    return [...this.#sessions.values()]
      .filter(({ info }) => workspace === undefined || info.workspace === workspace)
      .map((session) => this.#details(session));
  }

  /** Serves a `terminal` stream until its viewer goes. Rejects with `notFound`. */
  serve(request: { readonly session: string } & TerminalSize, channel: ByteChannel): Promise<void> {
    return this.#get(request.session).host.serve(channel, request);
  }

  /** Ends the program and forgets the session. One that is gone is success. */
  async close(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.changes.emit();
    try {
      await session.host.end();
    } finally {
      await session.release();
    }
  }

  /** Ends all of them, or those of one workspace. */
  async closeAll(workspace?: string): Promise<void> {
    await Promise.all(this.list(workspace).map(({ id }) => this.close(id)));
  }

  dispose(): Promise<void> {
    return this.closeAll();
  }

  #get(id: string): Session {
    const session = this.#sessions.get(id);
    if (session === undefined)
      throw new AppFailure({ kind: 'notFound', what: 'terminal', message: 'This terminal is closed.' });
    return session;
  }

  #details({ info, host }: Session): SessionDetails {
    const exitCode = host.state.type === 'exited' ? host.state.exitCode : undefined;
    return { ...info, workingDir: host.workingDir, exitCode };
  }

  async #start(id: string, request: OpenTerminal): Promise<Started> {
    const engine = this.#options.engine();
    switch (request.kind) {
      case 'attach':
        return this.#attach(engine, request);
      case 'toolbox':
        return this.#toolbox(engine, id, request);
      case 'client':
      case 'command':
        return this.#exec(engine, id, request, request.command ?? []);
      case 'shell': {
        const chosen = request.command?.[0];
        const shell =
          chosen === undefined ? await findShell(engine, request.container, request.signal) : shellAt(chosen);
        if (shell === undefined) return this.#toolbox(engine, id, request);
        return this.#exec(engine, id, request, request.command ?? [shell.path], shell);
      }
    }
  }

  async #exec(
    engine: Engine,
    id: string,
    request: OpenTerminal,
    command: readonly string[],
    shell?: Shell,
  ): Promise<Started> {
    if (command.length === 0) {
      throw new AppFailure({
        kind: 'input.invalid',
        field: 'command',
        message: 'There is no command to run.',
      });
    }
    const { container, user, workingDir, signal, kind } = request;
    const { env } = await engine.inspectContainer(container, { signal });
    const variables = [...terminalEnvironment(id, { container: env, shell }), ...(request.env ?? [])];
    const process = await startExecTerminal(
      engine,
      { container, session: id, command, env: variables, user, workingDir, size: request },
      { signal },
    );
    return { process, kind, title: command[0]?.split('/').at(-1) ?? '', release: nothing };
  }

  async #attach(engine: Engine, request: OpenTerminal): Promise<Started> {
    const { container, signal } = request;
    const { openStdin, tty } = await engine.inspectContainer(container, { signal });
    if (!openStdin) {
      throw new AppFailure({
        kind: 'input.invalid',
        field: 'kind',
        message: `${request.service} keeps no standard input open.`,
        hint: 'Set `stdin_open: true` (and `tty: true`) for the service.',
      });
    }
    const process = await attachTerminal(engine, container, { tty, signal });
    return { process, kind: 'attach', title: 'process 1', release: nothing };
  }

  async #toolbox(engine: Engine, id: string, request: OpenTerminal): Promise<Started> {
    const { container, signal } = request;
    const box = await this.toolboxes.enter(container, { signal });
    const release = () => this.toolboxes.leave(container);
    try {
      const shell = (await findShell(engine, box, signal)) ?? shellAt('/bin/sh');
      // The target's files are where one starts; where the kernel does not let us in, the toolbox's own must do.
      const command = [shell.path, '-c', `cd ${TARGET_ROOT} 2>/dev/null; export PWD; exec "$0"`, shell.path];
      const env = [...terminalEnvironment(id, { container: [TOOLBOX_PROMPT], shell }), TOOLBOX_PROMPT];
      const process = await startExecTerminal(
        engine,
        { container: box, session: id, command, env, size: request },
        { signal },
      );
      return { process, kind: 'toolbox', title: 'toolbox', release };
    } catch (thrown) {
      await release();
      throw thrown;
    }
  }
}

interface Started {
  readonly process: TerminalProcess;
  readonly kind: TerminalSession['kind'];
  readonly title: string;
  readonly release: () => Promise<void>;
}

async function nothing(): Promise<void> {}
