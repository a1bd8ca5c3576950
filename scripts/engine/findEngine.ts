import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import path from 'node:path';

/** An engine that answers, and what the scripts need to know of it. */
export interface EngineFacts {
  /** As DOCKER_HOST would say it: `unix:///var/run/docker.sock` or `tcp://host:port`. */
  readonly host: string;
  readonly version: string;
  /** Registry mirrors of Docker Hub, as the engine writes them: with a slash at the end. */
  readonly mirrors: readonly string[];
}

const ANSWER_TIMEOUT_MS = 5_000;

/** The first engine that answers: DOCKER_HOST alone when set, else the usual sockets. */
export async function findEngine(): Promise<EngineFacts | undefined> {
  for (const host of candidates()) {
    const facts = await askEngine(host);
    if (facts !== undefined) return facts;
  }
  return undefined;
}

function candidates(): string[] {
  const named = process.env['DOCKER_HOST'];
  if (named !== undefined && named !== '') return [named];
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? '/run/user/0';
  return [
    '/var/run/docker.sock',
    path.join(runtime, 'docker.sock'),
    path.join(homedir(), '.docker/run/docker.sock'),
    path.join(homedir(), '.docker/desktop/docker.sock'),
    path.join(homedir(), '.colima/default/docker.sock'),
    path.join(homedir(), '.orbstack/run/docker.sock'),
    path.join(homedir(), '.rd/docker.sock'),
  ]
    .filter((socket) => existsSync(socket))
    .map((socket) => `unix://${socket}`);
}

async function askEngine(host: string): Promise<EngineFacts | undefined> {
  const body = await getInfo(host);
  if (body === undefined) return undefined;
  const info: unknown = JSON.parse(body);
  if (!isRecord(info) || typeof info['ServerVersion'] !== 'string') return undefined;
  return { host, version: info['ServerVersion'], mirrors: mirrorsOf(info['RegistryConfig']) };
}

function mirrorsOf(registryConfig: unknown): string[] {
  const mirrors = isRecord(registryConfig) ? registryConfig['Mirrors'] : undefined;
  return Array.isArray(mirrors) ? mirrors.filter((mirror) => typeof mirror === 'string') : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function getInfo(host: string): Promise<string | undefined> {
  const url = new URL(host.replace(/^tcp:/, 'http:'));
  const where =
    url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port };
  return new Promise((resolve) => {
    const asked = request({ ...where, path: '/info', timeout: ANSWER_TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString('utf8') : undefined),
      );
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}
