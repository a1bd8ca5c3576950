import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { ByteChannel } from '#base/byteChannel.ts';
import { systemClock } from '#base/clock.ts';
import { memoryPipes } from '#base/messagePipe.ts';
import { pipeChannel } from '#base/pipeChannel.ts';
import type { ContainerId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { type OpenTerminal, TerminalSessions } from '#streams/terminals/terminalSessions.ts';
import { failOnLeaks } from '#support/leaks.ts';
import { openTestEngine } from '#support/realEngine.ts';

/** A test file's terminals on the real engine. */
export interface TerminalWorld {
  readonly engine: Engine;
  readonly sessions: TerminalSessions;
  readonly scope: ReturnType<typeof failOnLeaks>;
}

/** Call it once at the top of a file; the engine is there from the first test on. */
export function terminalWorld(name: string): TerminalWorld {
  const own: { engine?: Engine; sessions?: TerminalSessions } = {};
  beforeAll(async () => {
    const engine = await openTestEngine();
    own.engine = engine;
    own.sessions = new TerminalSessions({ engine: () => engine, clock: systemClock, newId: randomUUID });
  });
  afterAll(() => own.engine?.close());
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the engine is there in tests only');
    return value;
  };
  return {
    get engine() {
      return there(own.engine);
    },
    get sessions() {
      return there(own.sessions);
    },
    scope: failOnLeaks(name, () => there(own.engine)),
  };
}

/** What is typed and seen in a terminal. */
export interface Viewer {
  readonly channel: ByteChannel;
  readonly controls: { readonly type: string }[];
  text(): string;
  size(): number;
  type(text: string): void;
}

/** Runs a container for as long as the work takes, and closes every terminal behind it. */
export async function withContainer(
  { engine, sessions, scope }: TerminalWorld,
  body: { readonly Cmd: readonly string[]; readonly [field: string]: unknown },
  work: (id: ContainerId) => Promise<void>,
): Promise<void> {
  const name = `${scope.prefix}-${randomUUID().slice(0, 6)}`;
  const { id } = await engine.createContainer({
    name,
    body: { Image: 'busybox', Labels: scope.labels, HostConfig: { Init: true }, ...body },
  });
  try {
    await engine.startContainer(id);
    await work(id);
  } finally {
    await sessions.closeAll();
    await engine.removeContainer(id, { force: true });
  }
}

export function openIn(
  { sessions }: TerminalWorld,
  container: ContainerId,
  more: Partial<OpenTerminal> = {},
) {
  return sessions.open({
    workspace: 'w',
    service: 's',
    container,
    kind: 'shell',
    columns: 90,
    rows: 25,
    ...more,
  });
}

export function viewOf(
  { sessions }: TerminalWorld,
  session: string,
  { columns = 90, rows = 25, acknowledge = true } = {},
): Viewer {
  const [core, own] = memoryPipes();
  const channel = pipeChannel(own);
  const chunks: Uint8Array[] = [];
  const controls: { readonly type: string }[] = [];
  channel.onData((bytes) => {
    chunks.push(bytes);
    if (acknowledge) channel.control({ type: 'ack', bytes: bytes.length });
  });
  channel.onControl((message) => controls.push(message as { type: string }));
  void sessions.serve({ session, columns, rows }, pipeChannel(core));
  return {
    channel,
    controls,
    text: () => Buffer.concat(chunks).toString(),
    size: () => chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    type: (text) => channel.send(Buffer.from(text)),
  };
}
