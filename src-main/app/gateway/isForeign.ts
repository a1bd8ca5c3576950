import type { IncomingHttpHeaders } from 'node:http';

/**
 * Did a page of the outside world ask for this behind the user's back? Links that somebody follows are welcome (a login
 * that comes back, a link in a ticket), and so is every page of this machine. What is no browser says none of it.
 */
export function isForeign(headers: IncomingHttpHeaders): boolean {
  const { origin } = headers;
  if (headers['sec-fetch-mode'] === 'navigate') return false;
  if (origin !== undefined && origin !== 'null') return !isOfThisMachine(origin);
  return headers['sec-fetch-site'] === 'cross-site';
}

function isOfThisMachine(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.|\[::1\]$)/.test(hostname);
}
