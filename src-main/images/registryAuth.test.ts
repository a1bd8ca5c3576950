import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registryAuth } from './registryAuth.ts';
import { registryOf } from './registryOf.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-login-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const places = () => ({
  home: '/nowhere',
  environment: { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH']}` },
});
const base64 = (text: string) => Buffer.from(text).toString('base64');
const configure = (config: unknown) => writeFile(path.join(folder, 'config.json'), JSON.stringify(config));

async function helper(name: string, script: string): Promise<void> {
  const file = path.join(folder, `docker-credential-${name}`);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

describe('registryOf', () => {
  it.each([
    ['postgres:15', 'docker.io'],
    ['bitnami/redis', 'docker.io'],
    ['index.docker.io/library/redis', 'docker.io'],
    ['ghcr.io/a/b:1', 'ghcr.io'],
    ['localhost/a', 'localhost'],
    ['127.0.0.1:5001/a/b@sha256:0', '127.0.0.1:5001'],
  ])('%s is at %s', (reference, registry) => expect(registryOf(reference)).toBe(registry));
});

describe('registryAuth', () => {
  it('finds nothing without a configuration', async () => {
    expect(await registryAuth('ghcr.io/a/b', places())).toBeUndefined();
  });

  it('reads a stored login, a colon in the password included', async () => {
    await configure({ auths: { 'ghcr.io': { auth: base64('ada:se:cret') } } });
    expect(await registryAuth('ghcr.io/a/b', places())).toMatchObject({
      username: 'ada',
      password: 'se:cret',
    });
    expect(await registryAuth('quay.io/a/b', places())).toBeUndefined();
  });

  it('finds a login under an address with scheme and path', async () => {
    await configure({ auths: { 'https://ghcr.io/v1/': { auth: base64('ada:x') } } });
    expect(await registryAuth('ghcr.io/a/b', places())).toMatchObject({ username: 'ada' });
  });

  it('gives the login of Docker Hub to an image without a registry', async () => {
    await configure({ auths: { 'https://index.docker.io/v1/': { auth: base64('ada:x') } } });
    expect(await registryAuth('postgres', places())).toMatchObject({
      username: 'ada',
      serverAddress: 'https://index.docker.io/v1/',
    });
  });

  it('asks the helper of the registry, and takes <token> for an identity token', async () => {
    await configure({ credHelpers: { 'ghcr.io': 'one', 'quay.io': 'two' } });
    await helper('one', 'read name; echo "{\\"Username\\":\\"for-$name\\",\\"Secret\\":\\"s\\"}"');
    await helper('two', 'echo \'{"Username":"<token>","Secret":"t"}\'');
    expect(await registryAuth('ghcr.io/a', places())).toMatchObject({
      username: 'for-ghcr.io',
      password: 's',
    });
    expect(await registryAuth('quay.io/a', places())).toEqual({
      serverAddress: 'quay.io',
      identityToken: 't',
    });
  });

  it('goes without a login when the helper has none or is not there', async () => {
    await configure({ credsStore: 'none' });
    expect(await registryAuth('ghcr.io/a', places())).toBeUndefined();
    await helper('none', 'echo "credentials not found in native keychain"; exit 1');
    expect(await registryAuth('ghcr.io/a', places())).toBeUndefined();
  });

  it('never runs a helper whose name is a path', async () => {
    await configure({ credsStore: '../evil' });
    expect(await registryAuth('ghcr.io/a', places())).toBeUndefined();
  });

  it('says which file is broken', async () => {
    await writeFile(path.join(folder, 'config.json'), '{');
    await expect(registryAuth('ghcr.io/a', places())).rejects.toMatchObject({
      error: { kind: 'input.invalid' },
    });
  });
});
