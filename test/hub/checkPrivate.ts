import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PRIVATE_REGISTRY } from './registries.ts';
import { docker } from './trial.ts';

/** The private registry refuses strangers and wrong passwords, and serves its image after a login. */
export async function checkPrivateRegistry(): Promise<void> {
  const image = `${PRIVATE_REGISTRY.host}/acme/api:1`;
  const settings = mkdtempSync(path.join(tmpdir(), 'hub-check-'));
  try {
    await ends('refused', docker(['pull', '--quiet', image], { settings }));
    await ends('refused', logIn('not the password', settings));
    await ends('done', logIn(PRIVATE_REGISTRY.password, settings));
    await ends('done', docker(['pull', '--quiet', image], { settings }));
  } finally {
    rmSync(settings, { recursive: true });
  }
}

function logIn(password: string, settings: string): ReturnType<typeof docker> {
  const { host, username } = PRIVATE_REGISTRY;
  return docker(['login', host, '--username', username, '--password-stdin'], { input: password, settings });
}

async function ends(how: 'done' | 'refused', running: ReturnType<typeof docker>): Promise<void> {
  const { status, output } = await running;
  if ((status === 0) !== (how === 'done')) throw new Error(`It should have been ${how}:\n${output}`);
}
