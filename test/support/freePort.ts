import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const EPHEMERAL = '/proc/sys/net/ipv4/ip_local_port_range';
/** Where other systems begin at the earliest. */
const USUAL_FIRST_EPHEMERAL = 32_768;
/** So far below it stands nothing that a stack of the tests names. */
const BELOW_EPHEMERAL = 12_768;
const BANDS = 10;
const BAND_PORTS = 300;

let given = Math.floor(Math.random() * BAND_PORTS);

/**
 * A port that nobody listens on now, and that nobody is given by chance before it is used: what asks for any port, docker among
 * it, gets an ephemeral one, and each worker of the tests draws from a band of its own.
 */
export async function freePort(): Promise<number> {
  const first = bandOf(process.env);
  for (let tried = 0; tried < BAND_PORTS; tried++) {
    const port = first + (given++ % BAND_PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${first} on`);
}

function bandOf({ TEST_PARALLEL_INDEX: spec, VITEST_POOL_ID: file }: NodeJS.ProcessEnv): number {
  const band = spec === undefined ? Number(file ?? 0) % BANDS : BANDS + (Number(spec) % BANDS);
  return firstEphemeral() - BELOW_EPHEMERAL + band * BAND_PORTS;
}

function firstEphemeral(): number {
  if (process.platform !== 'linux') return USUAL_FIRST_EPHEMERAL;
  return Number(readFileSync(EPHEMERAL, 'utf8').split(/\s/)[0]);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '0.0.0.0'), 'listening');
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw thrown;
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
