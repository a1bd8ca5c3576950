import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { needImages } from '#support/world.ts';
import { Cli, docker } from './runCli.ts';

interface Service {
  readonly name: string;
  readonly words: string;
  readonly status: { readonly type: string };
  readonly replicas: readonly { readonly id: string; readonly health: string }[];
  readonly ports: readonly { readonly published: number }[];
  readonly failure?: {
    readonly title: string;
    readonly lines: readonly string[];
    readonly dependents: readonly string[];
  };
}
interface Outcome {
  readonly run: { readonly outcome: string; readonly totalMs: number };
  readonly steps: readonly { readonly kind: string; readonly label: string; readonly status: string }[];
  readonly services: readonly Service[];
  readonly error?: { readonly kind: string };
}

const open: Cli[] = [];
function stack(name: string): Cli {
  const cli = new Cli(name);
  open.push(cli);
  return cli;
}

beforeAll(() => needImages('busybox:1'));
afterEach(async () => {
  for (const cli of open.splice(0)) expect(await cli.cleanUp(), 'left behind').toBe('');
});

const states = (services: readonly Service[]) =>
  Object.fromEntries(services.map(({ name, status }) => [name, status.type]));

describe('slipway up', () => {
  it('boots a chain in the order of its conditions, long before the engine would have checked', async () => {
    const cli = stack('chain');
    const up = await cli.json<Outcome>('up');
    expect(up.run.outcome).toBe('done');
    // The default healthcheck interval is 30 s: only a check that was run ahead of it can be this fast.
    expect(up.run.totalMs).toBeLessThan(25_000);
    expect(states(up.services)).toEqual({
      migrate: 'done',
      server: 'running',
      worker: 'running',
      later: 'absent',
    });
    const port = up.services.find(({ name }) => name === 'server')?.ports[0]?.published;
    const answer = await fetch(`http://localhost:${port}/done`);
    expect(await answer.text()).toBe('migrated\n');
  });

  it('does nothing the second time, and recreates only what it is told to', async () => {
    const cli = stack('chain');
    expect((await cli.run('up')).status).toBe(0);
    expect((await cli.json<Outcome>('up')).steps.filter(({ kind }) => kind !== 'await')).toEqual([]);
    const run = await cli.json<Outcome>('start', 'migrate');
    expect(run.steps.filter(({ kind }) => kind === 'start').map(({ label }) => label)).toEqual([
      expect.stringContaining('cli-chain-migrate-1'),
    ]);
    expect(states(run.services)['migrate']).toBe('done');
    const again = await cli.json<Outcome>('up', '--force-recreate', '--no-deps', 'worker');
    expect(again.steps.filter(({ kind }) => kind === 'create').map(({ label }) => label)).toEqual([
      expect.stringContaining('cli-chain-worker-1'),
    ]);
  });

  it('starts what is in a profile when it is asked for by name', async () => {
    const cli = stack('chain');
    const up = await cli.json<Outcome>('up', 'later');
    expect(states(up.services)).toMatchObject({ later: 'running', worker: 'absent' });
  });

  it('explains a failure with the last lines, starts what it can and exits 1', async () => {
    const cli = stack('broken');
    const { status, stderr } = await cli.run('up');
    expect(status).toBe(1);
    expect(stderr).toContain('config.json is missing');
    expect(stderr).toMatch(
      /^warning: services\.fine\.deploy\.placement has no effect .+ \(compose\.yaml:17:\d+\)$/m,
    );
    const { services } = await cli.json<{ services: readonly Service[] }>('ps');
    expect(states(services)).toEqual({ crash: 'exited', waiter: 'created', fine: 'running' });
    const up = await cli.json<Outcome>('up');
    expect(up.error?.kind).toBe('dependency.exited');
    const crash = up.services.find(({ name }) => name === 'crash');
    expect(crash?.failure?.dependents).toEqual(['waiter']);
    expect(crash?.failure?.lines).toContain('config.json is missing');
  });

  it('names the place of an error in the files, touches nothing and exits 1', async () => {
    const cli = stack('invalid');
    const { status, stderr, stdout } = await cli.run('up');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/compose\.yaml:5:\d+: .*databse/);
    expect(
      (await docker('ps', '-aq', '--filter', 'label=com.docker.compose.project=cli-invalid')).stdout,
    ).toBe('');
  });

  it('builds from a folder and from an inline Dockerfile, leaving out what is ignored', async () => {
    const cli = stack('built');
    const up = await cli.json<Outcome>('up', '--build');
    expect(up.run.outcome).toBe('done');
    const files = await cli.run('exec', '-T', 'one', 'sh', '-c', 'cat /greeting; ls /files');
    expect(files.stdout).toBe('hello\nDockerfile\nkept.txt\n');
    expect((await cli.run('exec', '-T', 'two', 'cat', '/kept.txt')).stdout).toBe('kept\n');
    await docker('image', 'rm', '-f', 'cli-built-one', 'cli-built-two');
  });

  it('ends in order at Ctrl-C, and the next up finishes the job', async () => {
    const cli = stack('chain');
    const { child, output, result } = cli.start(['up']);
    await eventually(() => output.stderr.includes('start cli-chain-migrate-1'), { limitMs: 60_000 });
    child.kill('SIGINT');
    expect((await result).status).toBe(130);
    expect((await cli.json<Outcome>('up')).run.outcome).toBe('done');
  });
});

describe('the stack is everybody’s', () => {
  it('shows docker compose the same services, and adopts what docker compose started', async ({ skip }) => {
    if ((await docker('compose', 'version')).status !== 0) skip('docker compose is not installed');
    const cli = stack('chain');
    await cli.run('up');
    const file = `${cli.folder}/compose.yaml`;
    const listed = await docker('compose', '-f', file, 'ps', '-a', '--format', '{{.Service}} {{.State}}');
    expect(listed.stdout.trim().split('\n').sort()).toEqual([
      'migrate exited',
      'server running',
      'worker running',
    ]);
    await cli.run('down');
    expect((await docker('compose', '-f', file, 'up', '-d', 'worker')).status).toBe(0);
    const plan = await cli.json<{ steps: readonly { kind: string }[] }>('plan');
    expect(plan.steps.filter(({ kind }) => kind === 'create')).toEqual([]);
  });
});

describe('slipway down', () => {
  it('keeps the data, and removes it only with a consent', async () => {
    const cli = stack('chain');
    await cli.run('up', 'migrate');
    expect((await cli.run('down')).status).toBe(0);
    const volumes = () =>
      docker('volume', 'ls', '-q', '--filter', 'label=com.docker.compose.project=cli-chain');
    expect((await volumes()).stdout).toBe('cli-chain_data\n');
    const refused = await cli.json<{ error: { kind: string; missing: readonly string[] } }>(
      'down',
      '--volumes',
    );
    expect(refused.error.kind).toBe('data.consentRequired');
    expect(refused.error.missing.join()).toContain('cli-chain_data');
    expect((await volumes()).stdout).toBe('cli-chain_data\n');
    expect((await cli.run('down', '--volumes', '--yes')).status).toBe(0);
    expect((await volumes()).stdout).toBe('');
  });
});

describe('inside a container', () => {
  it('passes input, both outputs and the exit status through', async () => {
    const cli = stack('printing');
    await cli.run('up');
    const script = 'cat; echo out; echo err >&2; exit 7';
    const { stdout, stderr, status } = await cli.start(['exec', '-T', 'numbers', 'sh', '-c', script], 'in\n')
      .result;
    expect({ stdout, stderr, status }).toEqual({ stdout: 'in\nout\n', stderr: 'err\n', status: 7 });
  });

  it('passes bytes through as they are', async () => {
    const cli = stack('printing');
    await cli.run('up');
    const { stdout } = await cli.run(
      'exec',
      '-T',
      'numbers',
      'sh',
      '-c',
      'head -c 3000000 /dev/zero | wc -c',
    );
    expect(stdout.trim()).toBe('3000000');
    const big = await cli.run(
      'exec',
      '-T',
      'numbers',
      'sh',
      '-c',
      'head -c 3000000 /dev/zero | tr "\\\\0" x',
    );
    expect(big.stdout.length).toBe(3_000_000);
  });

  it('says so when the service does not run', async () => {
    const cli = stack('printing');
    const { status, stderr } = await cli.run('exec', '-T', 'numbers', 'true');
    expect(status).toBe(1);
    expect(stderr).toContain('numbers has no container');
  });
});

describe('slipway logs', () => {
  it('prints the last lines, filters them, and gives JSON lines', async () => {
    const cli = stack('printing');
    await cli.run('up');
    const all = await eventually(async () => {
      const { stdout } = await cli.run('logs', '--no-log-prefix');
      return stdout.includes('last words') && stdout.split('\n');
    });
    expect(all.slice(0, 2)).toEqual(['line 0', 'line 1']);
    expect((await cli.run('logs', '--tail', '2')).stdout).toBe(
      'numbers-1  | line 49\nnumbers-1  | ERROR: last words\n',
    );
    expect(
      (await cli.run('logs', '--grep', 'line 4\\d$', '--no-log-prefix')).stdout.split('\n'),
    ).toHaveLength(11);
    const { stdout } = await cli.run('logs', '--level', 'error', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ service: 'numbers', stream: 'stderr', level: 'error' });
  });

  it('finds lines of containers that are gone, and each line once', async () => {
    const cli = stack('printing');
    await cli.run('up');
    const open = cli.start(['serve', '.', '--port', '0']); // while it is open, logs are collected
    await eventually(() => open.output.stdout.includes('http'), { limitMs: 30_000 });
    const printed = async (...args: string[]) =>
      (await cli.run('logs', '--no-log-prefix', ...args)).stdout.split('\n').filter(Boolean);
    await eventually(async () => (await printed()).includes('ERROR: last words'));
    await cli.run('up', '--force-recreate');
    await eventually(async () => (await printed()).filter((line) => line === 'line 49').length === 2);
    const all = await printed();
    expect(all).toHaveLength(102);
    expect(all.filter((line) => line === 'line 7')).toHaveLength(2);
    expect(await printed('--grep', 'line 4\\d$')).toHaveLength(20);
    expect(await printed('--grep', 'line 4\\d$', '--tail', '3')).toEqual(['line 47', 'line 48', 'line 49']);
    await cli.run('down');
    open.child.kill('SIGINT');
    await open.result;
    expect(await printed('--level', 'error')).toEqual(['ERROR: last words', 'ERROR: last words']);
  });

  it('follows into a new container and over a restart, each line once', async () => {
    const cli = stack('printing');
    await cli.run('up');
    const { child, output, result } = cli.start(['logs', '-f', '--tail', '1', '--no-log-prefix']);
    await eventually(() => output.stdout.includes('last words'), { limitMs: 30_000 });
    const times = (count: number) =>
      eventually(() => output.stdout.split('line 49\n').length === count + 1, { limitMs: 30_000 });
    await cli.run('up', '--force-recreate');
    await times(1);
    await docker('restart', '-t', '0', 'cli-printing-numbers-1');
    await times(2);
    await docker('rm', '-f', 'cli-printing-numbers-1');
    await cli.run('up');
    await times(3);
    child.kill('SIGINT');
    await result;
    expect(output.stdout.split('\n').filter((line) => line === 'line 7')).toHaveLength(3);
  });
});

describe('the command line itself', () => {
  it('answers wrong use with 2 and says what is wrong', async () => {
    const cli = stack('chain');
    expect((await cli.run('up', '--nonsense')).status).toBe(2);
    expect((await cli.run('logs', '--tail', 'some')).status).toBe(2);
    expect((await cli.run('up', '--scale', 'worker')).status).toBe(2);
    const { status, stderr } = await cli.run('up', 'nobody');
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('nobody') });
  });

  it('takes -f from anywhere, and relative to the caller', async () => {
    const cli = stack('chain');
    const { stdout } = await cli.run('-f', '../printing/compose.yaml', 'config', '--services');
    expect(stdout).toBe('numbers\n');
  });

  it('lists ids and names for scripts', async () => {
    const cli = stack('printing');
    await cli.run('up');
    const { stdout: id } = await cli.run('ps', '-q');
    expect(id.trim()).toMatch(/^[0-9a-f]{64}$/);
    const row = JSON.parse((await cli.run('ps', '--format', 'json')).stdout) as object;
    expect(row).toMatchObject({ Name: 'cli-printing-numbers-1', Service: 'numbers', State: 'running' });
  });
});

describe('an app that was killed', () => {
  it('leaves a stack that the next up finishes', async () => {
    const cli = stack('chain');
    const { child, output, result } = cli.start(['up']);
    await eventually(() => output.stderr.includes('wait for migrate'), { limitMs: 60_000 });
    child.kill('SIGKILL');
    expect((await result).status).toBeNull();
    const up = await cli.json<Outcome>('up');
    expect(up.run.outcome).toBe('done');
    expect(states(up.services)).toMatchObject({ migrate: 'done', server: 'running', worker: 'running' });
    const { stdout } = await docker('ps', '-aq', '--filter', 'label=com.docker.compose.project=cli-chain');
    expect(stdout.trim().split('\n')).toHaveLength(3);
  });
});

describe('no engine', () => {
  it('says so at once, what was tried and what to do, and exits 1', async () => {
    const cli = stack('printing');
    const { status, stderr } = await cli.start(['up'], undefined, {
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
    }).result;
    expect(status).toBe(1);
    expect(stderr).toContain('/nowhere/docker.sock');
  });

  it('is not needed for what only reads files', async () => {
    const cli = stack('printing');
    const config = cli.start(['config', '--services'], undefined, {
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
    });
    expect(await config.result).toMatchObject({ status: 0, stdout: 'numbers\n' });
  });
});
