import path from 'node:path';
import type { Router } from '@orpc/server';
import type { ByteChannel } from '#base/byteChannel.ts';
import { Disposables } from '#base/disposables.ts';
import { AppFailure, toAppError } from '#contract/errors.ts';
import type { Contract } from '#contract/requests.ts';
import type { DownControl, StreamRequest } from '#contract/streams.ts';
import { fileStore } from '#disk/fileStore.ts';
import { BootHistory } from '#run/history.ts';
import { TerminalSessions } from '#streams/terminals/terminalSessions.ts';
import { ContainersWatch } from './containersWatch.ts';
import type { CoreOptions } from './coreOptions.ts';
import type { CoreParts } from './coreParts.ts';
import { EngineLink } from './engineLink.ts';
import { Gateway } from './gateway/gateway.ts';
import { appHandlers } from './handlers/app.ts';
import { bootHandlers } from './handlers/boot.ts';
import { buildsHandlers } from './handlers/builds.ts';
import { dataHandlers } from './handlers/data.ts';
import { filesHandlers } from './handlers/files.ts';
import { logsHandlers } from './handlers/logs.ts';
import { memoryHandlers } from './handlers/memory.ts';
import { productionHandlers } from './handlers/production.ts';
import { projectHandlers } from './handlers/project.ts';
import { serviceHandlers } from './handlers/service.ts';
import { shareHandlers } from './handlers/share.ts';
import { stackHandlers } from './handlers/stack.ts';
import { stateHandlers } from './handlers/state.ts';
import { terminalHandlers } from './handlers/terminal.ts';
import { versionsHandlers } from './handlers/versions.ts';
import { watchHandlers } from './handlers/watch.ts';
import { Tickets } from './logs/tickets.ts';
import { requests } from './requestBase.ts';
import { Settings } from './settings.ts';
import { StateFeed } from './stateFeed.ts';
import { openStream } from './streams.ts';
import { Workspaces } from './workspaces.ts';

/** What a host does with the core: carries requests to `router`, byte channels to `openStream`, and disposes it. */
export interface Core {
  /** The contract, implemented. Needs no context: whoever may reach it may ask anything. */
  readonly router: Router<Contract, Record<never, never>>;
  /** The records behind `state.watch`, for a host in the same process. */
  readonly feed: StateFeed;
  /** The open projects, for a host in the same process. */
  readonly workspaces: Workspaces;
  /** For a host that was asked for it on its command line. */
  readonly gateway: Gateway;
  /** Serves one byte stream; failures go out as the channel's `end` control, never as a throw. The request has been parsed. */
  openStream(request: StreamRequest, channel: ByteChannel): void;
  /** Stops observing, ends sessions and streams, cancels runs. Containers stay as they are. */
  dispose(): Promise<void>;
}

/** Wires everything together. Begins to look for the engine at once. */
export function createCore(options: CoreOptions): Core {
  const disposables = new Disposables();
  const feed = new StateFeed(options.newId());
  disposables.defer(() => feed.close());
  const link = disposables.add(new EngineLink({ connect: options.connectEngine, clock: options.clock }));
  const watch = disposables.add(new ContainersWatch(link, options.clock));
  const settings = new Settings(options.folders.config, options.logger);
  const history = new BootHistory(fileStore(path.join(options.folders.state, 'boots')));
  const workspaces = disposables.add(new Workspaces({ options, feed, link, watch, history }));
  const publishSettings = async () => feed.put(await settingsRecord(settings, options));
  const terminals = disposables.add(
    new TerminalSessions({ engine: () => link.require(), clock: options.clock, newId: options.newId }),
  );
  const tickets = new Tickets(options);
  const gateway = disposables.add(new Gateway({ workspaces, feed, link, now: () => options.clock.now() }));
  const parts: CoreParts = {
    options,
    feed,
    link,
    settings,
    workspaces,
    terminals,
    tickets,
    gateway,
    publishSettings,
  };
  if (options.purpose !== 'command') {
    void publishSettings();
    void startGateway(parts);
  }
  publishEngine({ feed, link, watch }, disposables);
  if (options.purpose !== 'command') sweepToolboxes(parts);
  link.start();
  return {
    router: createRouter(parts),
    feed,
    workspaces,
    gateway,
    openStream: (request, channel) => void serveStream(parts, request, channel),
    dispose: () => disposables.dispose(),
  };
}

/** The engine with the containers that stacks have on it now. */
function publishEngine(
  {
    feed,
    link,
    watch,
  }: { readonly feed: StateFeed; readonly link: EngineLink; readonly watch: ContainersWatch },
  disposables: Disposables,
): void {
  let shown = -1;
  const publish = () => {
    const { status } = link;
    shown = watch.count;
    feed.put({
      type: 'engine',
      status: status.type === 'connected' ? { ...status, containers: shown } : status,
    });
  };
  publish();
  disposables.add(link.changes.on(publish));
  disposables.add(watch.changes.on(() => watch.count !== shown && publish()));
}

/** As it was when the app was last used; a port that is taken now is said on screen by the gateway's record. */
async function startGateway({ settings, gateway, options }: CoreParts): Promise<void> {
  const { on, port } = (await settings.read()).gateway;
  if (!on) return;
  await gateway.start(port).catch((thrown: unknown) => {
    options.logger.warn({ thrown }, 'the gateway cannot listen');
  });
}

/** With the first engine there is: what a Slipway that was killed has left of its shells. */
function sweepToolboxes({ link, terminals, options }: CoreParts): void {
  const once = link.changes.on(({ type }) => {
    if (type !== 'connected') return;
    void once.dispose();
    terminals.toolboxes.removeLeftOver().catch((thrown: unknown) => {
      options.logger.warn({ thrown }, 'left over toolboxes could not be removed');
    });
  });
}

function createRouter(parts: CoreParts): Core['router'] {
  return requests.router({
    state: stateHandlers(parts.feed),
    app: appHandlers(parts),
    project: projectHandlers(parts),
    stack: stackHandlers(parts.workspaces),
    service: serviceHandlers(parts.workspaces),
    boot: bootHandlers(parts.workspaces),
    terminal: terminalHandlers(parts),
    versions: versionsHandlers(parts.workspaces),
    data: dataHandlers(parts.workspaces),
    production: productionHandlers(parts),
    share: shareHandlers(parts),
    builds: buildsHandlers(parts.workspaces),
    watch: watchHandlers(parts.workspaces),
    logs: logsHandlers(parts),
    files: filesHandlers(parts),
    memory: memoryHandlers(parts.workspaces),
  });
}

/** What goes wrong before the stream has begun; from then on the stream says it itself. */
async function serveStream(parts: CoreParts, request: StreamRequest, channel: ByteChannel): Promise<void> {
  try {
    await openStream(parts, request, channel);
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) parts.options.logger.error({ thrown }, 'a stream broke');
    channel.control({ type: 'end', error: toAppError(thrown) } satisfies DownControl);
    channel.close();
  }
}

async function settingsRecord(settings: Settings, options: CoreOptions) {
  const { theme, recents, gateway } = await settings.read();
  const { folders, version } = options;
  return { type: 'settings', theme, recents, gateway, home: folders.home, version } as const;
}
