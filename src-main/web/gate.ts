import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a visitor must show. All three secrets are new with every start. */
export interface Gate {
  /** Stands in the address that `serve` prints; exchanged for the cookie at the first visit. */
  readonly token: string;
  /**
   * The first part of every path behind the gate. Browsers send a cookie to every port of a host: without a path nobody
   * can guess, any page that a container publishes on 127.0.0.1 would be handed ours.
   */
  readonly folder: string;
  readonly cookie: string;
  /** Values of the Host header that mean this server; anything else is somebody's rebound name. */
  readonly hosts: readonly string[];
}

const COOKIE_NAME = 'slipway';

/** May this request see what is behind the gate? */
export function mayEnter(gate: Gate, headers: IncomingHttpHeaders): boolean {
  return fromOurselves(gate, headers) && sameSecret(readCookie(headers.cookie), gate.cookie);
}

/** May this socket open? A browser always names the origin of a socket; what names none is no browser. */
export function mayConnect(gate: Gate, headers: IncomingHttpHeaders): boolean {
  return headers.origin !== undefined && mayEnter(gate, headers);
}

/** Named as this server, and not asked for by a page of anybody else. */
export function fromOurselves(gate: Gate, headers: IncomingHttpHeaders): boolean {
  if (!isOurHost(gate, headers)) return false;
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`) return false;
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

export function isOurHost(gate: Gate, headers: IncomingHttpHeaders): boolean {
  return headers.host !== undefined && gate.hosts.includes(headers.host.toLowerCase());
}

/** Compares in constant time; an absent secret is never equal. */
export function sameSecret(given: string | null | undefined, wanted: string): boolean {
  if (given === null || given === undefined) return false;
  const left = Buffer.from(given);
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The Set-Cookie header: unreadable for scripts, never sent from another site, only below our folder. */
export function setCookie(gate: Gate): string {
  return `${COOKIE_NAME}=${gate.cookie}; Path=/${gate.folder}/; HttpOnly; SameSite=Strict`;
}

function readCookie(header: string | undefined): string | undefined {
  const prefix = `${COOKIE_NAME}=`;
  return header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(prefix))
    ?.slice(prefix.length);
}
