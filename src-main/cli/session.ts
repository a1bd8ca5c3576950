import path from 'node:path';
import { ORPCError } from '@orpc/client';
import { createRouterClient, type RouterClient } from '@orpc/server';
import type { Core } from '#app/core.ts';
import { describeError } from '#contract/describe.ts';
import { type AppError, AppFailure } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { EngineRecord, RecordKey, ServiceRecord, WorkspaceRecord } from '#contract/model.ts';
import { callerFolder, type Globals, openRequest } from './globals.ts';
import { openCore } from './openCore.ts';
import type { Output } from './output.ts';

export type Client = RouterClient<Core['router'], Record<never, never>>;

/** What every command works with: a core of its own, the project, and a way to say things. */
export interface Session {
  readonly core: Core;
  readonly client: Client;
  readonly workspace: WorkspaceId;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export interface CommandContext {
  readonly globals: Globals;
  readonly output: Output;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Opens a core and the project, runs the command and closes both again, however it ends. */
export async function withSession<T>(
  context: CommandContext,
  needs: 'files' | 'engine',
  work: (session: Session) => Promise<T>,
  /** Before the files must be right: what can be asked for to make them so. */
  prepare: (session: Session) => Promise<void> = async () => undefined,
): Promise<T> {
  return withCore(async (core, client) => {
    const folder = callerFolder(process.env, process.cwd());
    const { workspace } = await asked(client.project.open(openRequest(context.globals, folder)));
    const session = { core, client, workspace, output: context.output, signal: context.signal };
    await prepare(session);
    if (needs === 'engine') await engineSeen(session);
    return work(session);
  });
}

/** The core without a project. */
export async function withCore<T>(
  work: (core: Core, client: Client) => Promise<T>,
  purpose: 'app' | 'command' = 'command',
): Promise<T> {
  const core = openCore(purpose);
  try {
    return await work(core, createRouterClient(core.router, { context: {} }));
  } finally {
    await core.dispose();
  }
}

/** A request's answer; its failure as the AppFailure that it is. */
export async function asked<T>(request: PromiseLike<T>): Promise<T> {
  try {
    return await request;
  } catch (thrown) {
    if (thrown instanceof ORPCError && thrown.code === 'APP') {
      throw new AppFailure(thrown.data as AppError, { cause: thrown });
    }
    throw thrown;
  }
}

export function workspaceRecord(session: Session): WorkspaceRecord | undefined {
  const record = session.core.feed.get(`workspace:${session.workspace}` as RecordKey);
  return record?.type === 'workspace' ? record : undefined;
}

/** In the order of the file. */
export function serviceRecords(session: Session): ServiceRecord[] {
  const names = workspaceRecord(session)?.services ?? [];
  return names.flatMap((name) => {
    const record = session.core.feed.get(`service:${session.workspace}/${name}` as RecordKey);
    return record?.type === 'service' ? [record] : [];
  });
}

/** Says what stands in the files and will not do what it seems to. */
export function tellWarnings(session: Session): void {
  const project = workspaceRecord(session)?.project;
  if (project?.type !== 'loaded') return;
  for (const { message, at } of project.warnings) {
    const place = at && ` (${path.basename(at.file)}:${at.line}:${at.column})`;
    session.output.note(`warning: ${message}${place ?? ''}`);
  }
}

/** Throws `notFound`, with what was likely meant, for a name that is neither in the files nor left over from them. */
export function requireServices(session: Session, names: readonly string[]): void {
  const known = new Set<string>(serviceRecords(session).map(({ name }) => name));
  const { source } = session.core.workspaces.get(session.workspace);
  source.requireServices(names.filter((name) => !known.has(name)));
}

/** Resolves with what `read` gives once that is something. Rejects when the session's signal aborts. */
export async function whenState<T>(session: Session, read: () => T | undefined): Promise<T> {
  const now = read();
  if (now !== undefined) return now;
  for await (const _ of session.core.feed.watch(undefined, session.signal)) {
    const found = read();
    if (found !== undefined) return found;
  }
  throw new AppFailure({ kind: 'cancelled', message: 'Cancelled.' });
}

/** The project's containers are known, or the reason why not is thrown: bad files first, then the engine. */
async function engineSeen(session: Session): Promise<void> {
  const outcome = await whenState(session, () => {
    const record = workspaceRecord(session);
    if (record?.project.type === 'invalid') return failureOf(record.project.errors);
    const engine = session.core.feed.get('engine' as RecordKey) as EngineRecord | undefined;
    if (engine?.status.type === 'unreachable') return engine.status.error;
    return record?.live ? 'seen' : undefined;
  });
  if (outcome !== 'seen') throw new AppFailure(outcome);
  // What an earlier Slipway was cut off in is recovered first, as a run of its own.
  const workspace = session.core.workspaces.get(session.workspace);
  await workspace.recovered();
  const recovery = workspace.runs.current?.record;
  if (recovery?.status.type === 'failed')
    session.output.note(`${recovery.title}: ${describeError(recovery.status.error)}`);
}

/** One error as it is, several as one that holds them. */
export function failureOf(errors: readonly AppError[]): AppError {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  return {
    kind: 'run.failed',
    message: `The compose files have ${errors.length} errors.`,
    failures: errors.map((error) => ({ error })),
  };
}
