import { execFile } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openEngine } from '#engine/dockerode/dockerodeEngine.ts';
import { canRunPrivateEngine, openPrivateEngine, toHub } from '#support/privateEngine/privateEngine.ts';
import { needImages } from '#support/world.ts';

/** What the tests of a lost, starved or full engine stand on. */
test.runIf(canRunPrivateEngine() === 'yes')(
  'a private engine can be killed and started again with what it had',
  async () => {
    await needImages('busybox:1');
    await using own = await openPrivateEngine({ diskMiB: 200, mirror: toHub });
    const docker = (...args: readonly string[]) => runDocker(['-H', own.host, ...args]);
    await docker('pull', 'busybox:1');
    await docker(
      'run',
      '-d',
      '--stop-signal',
      'KILL',
      '--name',
      'kept',
      '-v',
      'kept:/data',
      'busybox:1',
      'sleep',
      '600',
    );
    await docker('exec', 'kept', 'sh', '-c', 'echo here > /data/file');

    await own.kill('SIGKILL');
    await expect(docker('version')).rejects.toThrow();
    await own.start();

    await docker('start', 'kept');
    expect(await docker('exec', 'kept', 'cat', '/data/file')).toBe('here\n');
    const { bsize, blocks } = statfsSync(own.dataFolder);
    expect(bsize * blocks).toBeLessThan(200 * 1024 * 1024);
    const engine = await openEngine(own.endpoint);
    expect((await engine.listContainers({ all: true })).map(({ name }) => name)).toEqual(['kept']);
    engine.close();
  },
);

/** Standard output; not the synchronous call, since the engine's mirror is served by this process. */
function runDocker(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('docker', args, (failure, stdout) => (failure === null ? resolve(stdout) : reject(failure)));
  });
}
