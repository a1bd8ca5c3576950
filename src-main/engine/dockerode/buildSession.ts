import { randomUUID } from 'node:crypto';
import protobuf from 'protobufjs/minimal.js';
import type { BuildSources } from '../builds.ts';
import type { RegistryAuth } from '../images.ts';
import { sourceMethods } from './buildSources.ts';
import { localFolders } from './localFolders.ts';
import type { Transport } from './transport.ts';

/** The logins that BuildKit asks for while it builds. Open as long as the build. */
export interface BuildSession {
  readonly id: string;
  /** What the frontend has to be told of the session's folders. */
  readonly attributes: Readonly<Record<string, string>>;
  close(): void;
}

const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials';
const HEALTH = '/grpc.health.v1.Health/Check';
/** grpc.health.v1.HealthCheckResponse { status: SERVING }; without it BuildKit drops the session after a second. */
const SERVING = Uint8Array.of(0x08, 0x01);

/**
 * BuildKit takes no logins with the request: it calls back, by gRPC over a connection that the client opened (`POST /session`,
 * upgraded to h2c). Wire format: moby/buildkit `session/auth/auth.proto`.
 */
export async function openBuildSession(
  transport: Transport,
  auths: readonly RegistryAuth[],
  signal: AbortSignal | undefined,
  sources?: BuildSources,
): Promise<BuildSession> {
  const local = sources && (await localFolders(sources.folders));
  // Only a build needs gRPC; it takes a tenth of a second to load.
  const { logVerbosity, Server, ServerCredentials, setLogVerbosity } = await import('@grpc/grpc-js');
  // It would print headers that it cannot take (patterns that are not ASCII) to standard error.
  setLogVerbosity(logVerbosity.NONE);
  const id = randomUUID();
  const offered = sources === undefined ? [] : sourceMethods({ ...sources, ...local });
  const { socket, source } = await transport.hijack({
    method: 'POST',
    path: '/session',
    headers: {
      Upgrade: 'h2c',
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'slipway',
      'X-Docker-Expose-Session-Sharedkey': local?.sharedKey ?? '',
      'X-Docker-Expose-Session-Grpc-Method': [CREDENTIALS, ...offered.map(({ path }) => path)],
    },
    about: { what: 'build', id: '' },
    signal,
  });
  const server = new Server();
  const unary = {
    requestStream: false,
    responseStream: false,
    requestSerialize: passing,
    responseDeserialize: passing,
  };
  const method = (path: string) => ({
    answer: { ...unary, path, requestDeserialize: passing, responseSerialize: passing },
  });
  server.addService(method(CREDENTIALS), {
    answer: (call: { request: Buffer }, reply: (error: null, value: Buffer) => void) =>
      reply(null, credentialsFor(readHost(call.request), auths)),
  });
  server.addService(method(HEALTH), {
    answer: (_call: unknown, reply: (error: null, value: Buffer) => void) =>
      reply(null, Buffer.from(SERVING)),
  });
  for (const { path, streams, handler } of offered) {
    const wire = { path, requestStream: streams, responseStream: streams };
    const service = { answer: { ...method(path).answer, ...wire } };
    server.addService(service, { answer: handler });
  }
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  return {
    id,
    attributes: local?.attributes ?? {},
    close: () => {
      server.forceShutdown();
      source.close();
    },
  };
}

function passing(bytes: Buffer): Buffer {
  return bytes;
}

/** CredentialsRequest { string Host = 1 }. */
function readHost(request: Uint8Array): string {
  const reader = protobuf.Reader.create(request);
  let host = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) host = reader.string();
    else reader.skipType(tag & 7);
  }
  return host;
}

/** CredentialsResponse { string Username = 1; string Secret = 2 }; empty means: without a login. Exported for its test. */
export function credentialsFor(host: string, auths: readonly RegistryAuth[]): Buffer {
  const auth = auths.find(({ serverAddress }) => registryHost(serverAddress) === registryHost(host));
  const writer = protobuf.Writer.create();
  if (auth?.identityToken) writer.uint32(0x12).string(auth.identityToken);
  else if (auth?.username !== undefined)
    writer
      .uint32(0x0a)
      .string(auth.username)
      .uint32(0x12)
      .string(auth.password ?? '');
  return Buffer.from(writer.finish());
}

/** Docker Hub goes by several names: `docker.io`, `index.docker.io/v1/`, `registry-1.docker.io`. */
function registryHost(address: string): string {
  const host = address.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  return ['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'].includes(host)
    ? 'docker.io'
    : host;
}
