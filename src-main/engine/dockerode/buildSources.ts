import type { ServerDuplexStream, sendUnaryData, UntypedHandleCall } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import type { BuildSources } from '../builds.ts';
import { sendFolder } from './sendFolder.ts';

/** A method that BuildKit calls on us. */
export interface OfferedMethod {
  readonly path: string;
  readonly streams: boolean;
  readonly handler: UntypedHandleCall;
}

type Streaming = ServerDuplexStream<Buffer, Buffer>;

/** gRPC's own codes. Source: google.rpc.Code. */
const NOT_FOUND = 5;

/** Files, secrets and ssh agents, as BuildKit asks for them. Wire formats: moby/buildkit `session/*`. */
export function sourceMethods(sources: BuildSources): readonly OfferedMethod[] {
  return [
    {
      path: '/moby.filesync.v1.FileSync/DiffCopy',
      streams: true,
      handler: (call: Streaming) => void serveFolder(sources, call),
    },
    {
      path: '/moby.buildkit.secrets.v1.Secrets/GetSecret',
      streams: false,
      handler: (call: { request: Buffer }, reply: sendUnaryData<Buffer>) =>
        void answerSecret(sources, call.request, reply),
    },
    {
      path: '/moby.sshforward.v1.SSH/CheckAgent',
      streams: false,
      handler: (call: { request: Buffer }, reply: sendUnaryData<Buffer>) => {
        const agent = sources.sshAgent(firstString(call.request) || 'default');
        agent?.close();
        if (agent === undefined) reply(notFound('There is no ssh agent.'));
        else reply(null, Buffer.alloc(0));
      },
    },
    {
      path: '/moby.sshforward.v1.SSH/ForwardAgent',
      streams: true,
      handler: (call: Streaming) => forwardAgent(sources, call),
    },
  ];
}

async function serveFolder(sources: BuildSources, call: Streaming): Promise<void> {
  const options = (name: string) => readOption(call, name);
  const name = options('dir-name')[0] ?? '';
  const folder = sources.folders[name];
  if (folder === undefined) {
    call.emit('error', notFound(`There is no folder ${name}.`));
    return;
  }
  try {
    await sendFolder(folder, call, {
      exclude: options('exclude-patterns'),
      only: [...options('include-patterns'), ...options('followpaths')],
    });
    call.end();
  } catch (thrown) {
    call.emit(
      'error',
      Object.assign(thrown instanceof Error ? thrown : new Error(String(thrown)), { code: 2 }),
    );
  }
}

/** What is not ASCII comes query-escaped, and says so beside. Source: moby/buildkit `session/filesync`, decodeOpts. */
function readOption(call: Streaming, name: string): string[] {
  const escaped = call.metadata.get(`${name}-encoded`)[0] === '1';
  // Node joins a header's values; a pattern with a comma and a space in it cannot be told apart.
  const values = call.metadata.get(name).flatMap((value) => String(value).split(', '));
  return escaped ? values.map((value) => decodeURIComponent(value.replaceAll('+', ' '))) : values;
}

async function answerSecret(
  sources: BuildSources,
  request: Buffer,
  reply: sendUnaryData<Buffer>,
): Promise<void> {
  const id = firstString(request);
  try {
    const value = await sources.secret(id);
    if (value === undefined) reply(notFound(`There is no secret ${id}.`));
    else reply(null, Buffer.from(protobuf.Writer.create().uint32(0x0a).bytes(value).finish()));
  } catch (thrown) {
    reply({ code: 2, details: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

/** BytesMessage { bytes data = 1 }, both ways. */
function forwardAgent(sources: BuildSources, call: Streaming): void {
  const id = String(call.metadata.get('buildkit.ssh.id')[0] ?? 'default');
  const agent = sources.sshAgent(id);
  if (agent === undefined) {
    call.emit('error', notFound(`There is no ssh agent ${id}.`));
    return;
  }
  call.on('data', (message: Buffer) => agent.write(firstBytes(message)));
  call.on('end', () => agent.close());
  call.on('cancelled', () => agent.close());
  void (async () => {
    try {
      for await (const bytes of agent.output)
        call.write(Buffer.from(protobuf.Writer.create().uint32(0x0a).bytes(bytes).finish()));
    } finally {
      call.end();
    }
  })().catch(() => undefined); // the step that used the agent fails by itself
}

function notFound(details: string): Error & { code: number; details: string } {
  return Object.assign(new Error(details), { code: NOT_FOUND, details });
}

function firstString(message: Uint8Array): string {
  return Buffer.from(firstBytes(message)).toString();
}

/** Field 1 of a message. */
function firstBytes(message: Uint8Array): Uint8Array {
  const reader = protobuf.Reader.create(message);
  let found: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) found = reader.bytes();
    else reader.skipType(tag & 7);
  }
  return found;
}
