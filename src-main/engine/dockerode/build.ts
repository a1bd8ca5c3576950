import { AppFailure, isKind } from '#contract/errors.ts';
import type { ImageId } from '#contract/ids.ts';
import type { BuildImage, BuildOutput, BuildSources } from '../builds.ts';
import type { Cancel, Engine } from '../engine.ts';
import type { RegistryAuth } from '../images.ts';
import { BuildkitOutput } from './buildkitOutput.ts';
import { solve } from './buildkitSolve.ts';
import { openBuildSession } from './buildSession.ts';
import { ClassicOutput } from './classicOutput.ts';
import { type About, failureInStream } from './errors.ts';
import { inspectImage } from './images.ts';
import { jsonLines } from './jsonLines.ts';
import { type Raw, record, text } from './raw.ts';
import { base64Url, type EngineRequest, type Transport } from './transport.ts';

/** What a failure shows: the end of the output, where the reason stands. */
const TAIL_BYTES = 8 * 1024;

export function buildCalls(transport: Transport): Pick<Engine, 'buildImage'> {
  return {
    buildImage: (request) =>
      request.builder === 'buildkit' ? buildkitBuild(transport, request) : classicBuild(transport, request),
  };
}

const ABOUT: About = { what: 'build', id: '' };

type Request = BuildImage & Cancel;

/** What turns an engine's messages into output: one for each builder. */
interface OutputReader {
  read(raw: Raw): readonly BuildOutput[];
  finish(error?: string): readonly BuildOutput[];
  readonly builtId: string;
}

function classicBuild(transport: Transport, request: Request): Promise<{ imageId: ImageId }> {
  const headers = registryConfig(request.auths);
  return run(
    transport,
    request,
    { query: buildQuery(request), headers },
    new ClassicOutput(() => performance.now()),
  );
}

async function buildkitBuild(transport: Transport, request: Request): Promise<{ imageId: ImageId }> {
  if (request.sources !== undefined) return solved(transport, request, request.sources);
  const session = await openBuildSession(transport, request.auths ?? [], request.signal);
  try {
    const query = { ...buildQuery(request), version: 2, session: session.id };
    return await run(transport, request, { query, headers: registryConfig([]) }, new BuildkitOutput());
  } finally {
    session.close();
  }
}

/** BuildKit's own interface: files are asked for one by one, and only those that changed since the last build. */
async function solved(
  transport: Transport,
  request: Request,
  sources: BuildSources,
): Promise<{ imageId: ImageId }> {
  const tail = new Tail();
  await solve(transport, {
    request,
    sources,
    onOutput: (item) => {
      if (item.type === 'log') tail.push(item.bytes);
      request.onOutput?.(item);
    },
    failed: (message) => buildFailure(message, tail.text()),
  });
  return { imageId: (await builtImage(transport, request, '')) as ImageId };
}

async function run(
  transport: Transport,
  request: Request,
  parts: Pick<EngineRequest, 'query' | 'headers'>,
  output: OutputReader,
): Promise<{ imageId: ImageId }> {
  const { context: upload, signal } = request;
  const asked = { method: 'POST', path: '/build', ...parts, upload, about: ABOUT, signal } as const;
  const source = await transport.stream(asked).catch((thrown) => {
    // The classic builder reads the Dockerfile before it answers: what is wrong with it comes as a status.
    throw isKind(thrown, 'engine.failed') ? buildFailure(thrown.message, '') : thrown;
  });
  const tail = new Tail();
  const emit = (outputs: readonly BuildOutput[]) => {
    for (const item of outputs) {
      if (item.type === 'log') tail.push(item.bytes);
      request.onOutput?.(item);
    }
  };
  let imageId = '';
  try {
    for await (const raw of jsonLines(source)) {
      const failed = errorIn(raw);
      if (failed !== '') {
        emit(output.finish(failed));
        throw buildFailure(failed, tail.text());
      }
      imageId = text(record(raw['aux'])['ID']) || imageId;
      emit(output.read(raw));
    }
    emit(output.finish());
  } finally {
    source.close();
  }
  return { imageId: (imageId || (await builtImage(transport, request, output.builtId))) as ImageId };
}

export function buildQuery(request: BuildImage): Record<string, unknown> {
  return {
    dockerfile: request.dockerfile,
    // Where the builder fetches the context itself; BuildKit is told in its own way.
    remote: request.sources?.remote,
    t: request.tags,
    buildargs: request.buildArgs,
    target: request.target,
    labels: request.labels,
    cachefrom: request.cacheFrom === undefined ? undefined : JSON.stringify(request.cacheFrom),
    networkmode: request.networkMode,
    extrahosts: request.extraHosts,
    platform: request.platform,
    shmsize: request.shmSizeBytes,
    nocache: request.noCache,
    pull: request.pull,
    rm: true,
    forcerm: true,
  };
}

/** Logins for every registry that a base image may come from. Source: Docker Engine API, "Build an image". */
export function registryConfig(auths: readonly RegistryAuth[] | undefined): Record<string, string> {
  const entries = (auths ?? []).map((auth) => [
    auth.serverAddress,
    { username: auth.username, password: auth.password, identitytoken: auth.identityToken },
  ]);
  const json = JSON.stringify(Object.fromEntries(entries));
  return {
    'Content-Type': 'application/x-tar',
    'X-Registry-Config': base64Url(json),
  };
}

export function errorIn(raw: Raw): string {
  return text(record(raw['errorDetail'])['message']) || text(raw['error']);
}

/** A full disk, a missing base image or a lost network are themselves; all else is the Dockerfile's failure. */
export function buildFailure(message: string, output: string): AppFailure {
  const image =
    /pull access denied for ([^\s,]+)|manifest for (\S+) not found|^([^\s:]+:[^\s:]+): .*not found/.exec(
      message,
    );
  const named = image?.[1] ?? image?.[2] ?? image?.[3];
  const failure = failureInStream(message, named === undefined ? ABOUT : { ...ABOUT, image: named });
  if (!isKind(failure, 'engine.failed') || failure.error.transient) return failure;
  return new AppFailure(
    { kind: 'build.failed', output: output === '' ? message : output, message },
    { cause: failure },
  );
}

/** Engines that do not send the id (podman) have tagged what they built. */
async function builtImage(
  transport: Transport,
  request: BuildImage & Cancel,
  shortId: string,
): Promise<string> {
  const reference = request.tags[0] ?? shortId;
  const image = reference === '' ? undefined : await inspectImage(transport, reference, request.signal);
  if (image !== undefined) return image.id;
  throw buildFailure('The engine ended the build without an image.', '');
}

/** The last bytes of what went by. */
export class Tail {
  #bytes = Buffer.alloc(0);

  push(bytes: Uint8Array): void {
    const joined = Buffer.concat([this.#bytes, bytes]);
    this.#bytes = joined.subarray(Math.max(0, joined.length - TAIL_BYTES));
  }

  text(): string {
    return this.#bytes.toString();
  }
}
