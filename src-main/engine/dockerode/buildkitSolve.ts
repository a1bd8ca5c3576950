import { randomUUID } from 'node:crypto';
import protobuf from 'protobufjs/minimal.js';
import type { AppFailure } from '#contract/errors.ts';
import type { BuildImage, BuildOutput, BuildSources } from '../builds.ts';
import type { Cancel } from '../engine.ts';
import { BuildkitOutput } from './buildkitOutput.ts';
import { decodeTrace } from './buildkitTrace.ts';
import { type BuildSession, openBuildSession } from './buildSession.ts';
import { GrpcCalls, GrpcFailure } from './grpcCalls.ts';
import type { Transport } from './transport.ts';

const CONTROL = '/moby.buildkit.v1.Control';
/** gRPC's own codes. Source: google.rpc.Code. */
const CANCELLED = 1;
const UNAVAILABLE = 14;

export interface SolveWork {
  readonly request: BuildImage & Cancel;
  readonly sources: BuildSources;
  readonly onOutput: (output: BuildOutput) => void;
  /** The failure of the build itself. */
  readonly failed: (message: string) => AppFailure;
}

/**
 * Builds through BuildKit's own interface, which the engine passes on (`POST /grpc`): the only way in which files, secrets and
 * further contexts are asked for. Wire format: moby/buildkit `api/services/control/control.proto`.
 */
export async function solve(transport: Transport, work: SolveWork): Promise<void> {
  const { request, sources } = work;
  const { signal } = request;
  const session = await openBuildSession(transport, request.auths ?? [], signal, sources);
  try {
    const about = { what: 'build', id: '' } as const;
    const headers = { Upgrade: 'h2c' };
    const { socket, source } = await transport.hijack({
      method: 'POST',
      path: '/grpc',
      headers,
      about,
      signal,
    });
    const calls = new GrpcCalls(socket);
    try {
      await converse(calls, work, session);
    } catch (thrown) {
      throw failureOf(transport, work, thrown);
    } finally {
      calls.close();
      source.close();
    }
  } finally {
    session.close();
  }
}

async function converse(calls: GrpcCalls, work: SolveWork, session: BuildSession): Promise<void> {
  const ref = randomUUID().replaceAll('-', '');
  const { signal } = work.request;
  const told = tell(calls, work, ref);
  try {
    for await (const _ of calls.call(`${CONTROL}/Solve`, solveRequest(work, { ref, session }), signal));
  } finally {
    // The last traces of a build that failed are its reason.
    await told.catch(() => undefined);
  }
}

async function tell(calls: GrpcCalls, work: SolveWork, ref: string): Promise<void> {
  const output = new BuildkitOutput();
  const request = protobuf.Writer.create().uint32(0x0a).string(ref).finish();
  for await (const message of calls.call(`${CONTROL}/Status`, request, work.request.signal)) {
    for (const item of output.readTrace(decodeTrace(message.toString('base64')))) work.onOutput(item);
  }
}

function failureOf(transport: Transport, work: SolveWork, thrown: unknown): AppFailure {
  const { signal } = work.request;
  if (signal?.aborted || !(thrown instanceof GrpcFailure)) return transport.failure(thrown, signal);
  if (thrown.status === CANCELLED || thrown.status === UNAVAILABLE) return transport.failure(thrown, signal);
  return work.failed(thrown.message);
}

/** SolveRequest { Ref 1, Exporter 3, ExporterAttrs 4, Session 5, Frontend 6, FrontendAttrs 7, Entitlements 9 }. */
function solveRequest(
  { request, sources }: SolveWork,
  ids: { readonly ref: string; readonly session: BuildSession },
): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(0x0a).string(ids.ref).uint32(0x1a).string('moby');
  map(writer, 0x22, { name: request.tags.join(',') });
  writer.uint32(0x2a).string(ids.session.id).uint32(0x32).string('dockerfile.v0');
  map(writer, 0x3a, { ...frontendAttributes(request, sources), ...ids.session.attributes });
  if (request.networkMode === 'host') writer.uint32(0x4a).string('network.host');
  return writer.finish();
}

/** Source: moby/buildkit `frontend/dockerui/config.go`. */
export function frontendAttributes(request: BuildImage, sources: BuildSources): Record<string, string> {
  const named = (prefix: string, values: Readonly<Record<string, string>> = {}) =>
    Object.entries(values).map(([name, value]) => [`${prefix}:${name}`, value]);
  const optional: readonly (readonly [string, string | undefined])[] = [
    ['context', sources.remote],
    ['target', request.target],
    ['platform', request.platform],
    ['no-cache', request.noCache ? '' : undefined],
    ['image-resolve-mode', request.pull ? 'pull' : undefined],
    ['force-network-mode', request.networkMode],
    ['add-hosts', request.extraHosts?.map((entry) => entry.replace(':', '=')).join(',') || undefined],
    ['cache-from', request.cacheFrom?.join(',') || undefined],
    ['shm-size', request.shmSizeBytes === undefined ? undefined : String(request.shmSizeBytes)],
  ];
  return Object.fromEntries([
    ['filename', request.dockerfile],
    ...named('build-arg', request.buildArgs),
    ...named('label', request.labels),
    ...named('context', sources.contexts),
    ...optional.filter(([, value]) => value !== undefined),
  ]) as Record<string, string>;
}

/** A map field: one message { key 1, value 2 } for each entry. */
function map(writer: protobuf.Writer, tag: number, entries: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(entries))
    writer.uint32(tag).fork().uint32(0x0a).string(key).uint32(0x12).string(value).ldelim();
}
