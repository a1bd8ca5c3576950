import type { AppError } from '#contract/errors.ts';
import type { About } from './errors.ts';
import { registryFailure } from './registryMessages.ts';

/**
 * Some failures the engine tells in words only: one status, many reasons. This file and registryMessages.ts are the only
 * ones that read them; what they do not know stays `engine.failed`. Each pattern names where the text comes from.
 */
export function textFailure(message: string, about: About): AppError | undefined {
  return (
    portInUse(message) ??
    diskFull(message) ??
    missingPath(message) ??
    wrongPlatform(message, about) ??
    missingPart(message) ??
    registryFailure(message, about) ??
    passing(message)
  );
}

/**
 * moby libnetwork/portallocator: "Bind for 0.0.0.0:80 failed: port is already allocated"; the userland proxy: "listen tcp4
 * 0.0.0.0:80: bind: address already in use"; moby 28: "failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address
 * already in use"; Docker Desktop: "Ports are not available: exposing port TCP 0.0.0.0:80 -> 0.0.0.0:0: …"; podman as the
 * userland proxy. A fixed IP address of a container that is taken says "Address already in use" too, without any port.
 */
function portInUse(message: string): AppError | undefined {
  if (!/port is already allocated|address already in use|ports are not available/i.test(message))
    return undefined;
  const found =
    /(?:bind for|listen (?:tcp|udp|sctp)[46]?|host port(?: for)?|exposing port (?:tcp|udp)) (\[[^\]]*\]|[^\s:]*):(\d{1,5})/i.exec(
      message,
    );
  const port = Number(found?.[2]);
  if (!Number.isInteger(port) || port === 0) return undefined;
  const protocol = /\b(udp|sctp)[46]?\b/i.exec(message)?.[1]?.toLowerCase() ?? 'tcp';
  return {
    kind: 'port.inUse',
    port,
    protocol,
    message: `Port ${port} is in use.`,
    hint: 'Stop what uses it, or publish another port.',
  };
}

/** The operating system's ENOSPC, in Go's words. */
function diskFull(message: string): AppError | undefined {
  if (!/no space left on device|disk quota exceeded/i.test(message)) return undefined;
  const where = /(?:write|mkdir|open|creating) (\/[^\s:]+)/i.exec(message)?.[1];
  return {
    kind: 'disk.full',
    where,
    message: "The engine's disk is full.",
    hint: 'Remove images, volumes or build cache that are not needed any more.',
  };
}

/** moby volume/mounts: `invalid mount config for type "bind": bind source path does not exist: /x`; Docker Desktop's sharing list. */
function missingPath(message: string): AppError | undefined {
  const path =
    /bind source path does not exist: (.+?)\s*$/m.exec(message)?.[1] ??
    /the path (\S+) is not shared from the host/.exec(message)?.[1];
  if (path === undefined) return undefined;
  return { kind: 'path.missing', path, message: `${path} does not exist for the engine.` };
}

/**
 * moby daemon/create and containerd: "was found but does not match the specified platform: wanted linux/arm64, actual:
 * linux/amd64"; distribution: "no matching manifest for linux/arm64/v8 in the manifest list entries".
 */
function wrongPlatform(message: string, about: About): AppError | undefined {
  const image = about.image ?? about.id;
  const mismatch = /wanted (\S+?),? actual:? (\S+)/.exec(message);
  if (/does not match the (?:specified|detected|expected) .*platform/.test(message) && mismatch) {
    return platformError(image, mismatch[1] ?? '', [stripped(mismatch[2] ?? '')]);
  }
  const wanted =
    /no matching manifest for (\S+)/.exec(message)?.[1] ??
    /no match for platform in manifest/.exec(message)?.[0];
  return wanted === undefined ? undefined : platformError(image, wanted, []);
}

function platformError(image: string, wanted: string, available: readonly string[]): AppError {
  return { kind: 'image.platform', image, wanted, available, message: `${image} is not made for ${wanted}.` };
}

function stripped(word: string): string {
  return word.replace(/[^\w/]+$/, '');
}

/** What was asked for exists, a part of it does not: which one, the status does not say. */
function missingPart(message: string): AppError | undefined {
  const image = /no such image: (\S+)/i.exec(message)?.[1];
  if (image !== undefined) {
    return {
      kind: 'engine.notFound',
      what: 'image',
      id: image,
      message: `The engine has no image ${image}.`,
    };
  }
  const network = /network (\S+) not found/.exec(message)?.[1];
  if (network !== undefined) {
    return {
      kind: 'engine.notFound',
      what: 'network',
      id: network,
      message: `There is no network ${network}.`,
    };
  }
  const volume = /(?:get|no such volume:?) (\S+): no such volume|no such volume: (\S+)/.exec(message);
  const name = volume?.[1] ?? volume?.[2];
  if (name === undefined) return undefined;
  return { kind: 'engine.notFound', what: 'volume', id: name, message: `There is no volume ${name}.` };
}

/** What passes by itself: the same request, a moment later, is done. */
const PASSING = [
  // moby libnetwork, when two containers start at once; without a port that somebody else holds.
  /driver failed programming external connectivity/,
  // moby libnetwork: the endpoint of a container that was just removed.
  /has active endpoints/,
  // moby daemon/network: two created it at the same moment, and the younger one is about to go.
  /network \S+ is ambiguous/i,
  // moby distribution/xfer: two pulls share a layer and the first one was given up.
  /layer already being pulled|already being pulled by another client/,
  /connection reset by peer|unexpected EOF|: EOF$/,
  // containerd still has what a killed engine was starting; the engine takes it away when it is asked to start again.
  /task [0-9a-f]{64}: already exists/i,
  // containerd's shim that is just going away.
  /ttrpc: closed|shim (?:disconnected|task not found)/,
];

function passing(message: string): AppError | undefined {
  if (!PASSING.some((pattern) => pattern.test(message.trim()))) return undefined;
  return { kind: 'engine.failed', status: 500, transient: true, message: message.trim() };
}
