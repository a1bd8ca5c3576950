import { hostname, networkInterfaces } from 'node:os';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];
const WILDCARDS = ['0.0.0.0', '::'];

/** Does this address stay on this machine? */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host);
}

/** The Host headers under which a server bound to `host` may be asked for. */
export function allowedHosts(host: string, port: number): string[] {
  const names = isLoopback(host) ? LOOPBACK : WILDCARDS.includes(host) ? everyName() : [...LOOPBACK, host];
  return names.map((name) => hostHeader(name, port));
}

/** As a browser writes it: brackets around IPv6, no port where it is HTTP's own. */
export function hostHeader(name: string, port: number): string {
  const bracketed = name.includes(':') ? `[${name}]` : name;
  return (port === 80 ? bracketed : `${bracketed}:${port}`).toLowerCase();
}

function everyName(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return [...LOOPBACK, hostname(), ...addresses.map((entry) => entry.address)];
}
