import { describe, expect, test } from 'vitest';
import { sshArguments } from './agents.ts';
import { BuildkitOutput } from './buildkitOutput.ts';
import { credentialsFor } from './buildSession.ts';
import { ClassicOutput } from './classicOutput.ts';
import { engineEvent } from './events.ts';
import { compareVersions, engineInfo } from './info.ts';
import { jsonLines } from './jsonLines.ts';
import { pullProgress } from './progress.ts';
import type { Raw } from './raw.ts';
import { splitTag } from './reference.ts';
import { containerStats } from './stats.ts';

describe('an event', () => {
  const raw = (action: string, attributes = {}, type = 'container') => ({
    Type: type,
    Action: action,
    Actor: { ID: 'c1', Attributes: attributes },
    time: 1_700_000_000,
    timeNano: 1_700_000_000_123_456_800,
  });

  test('is split where data rides in the action', () => {
    expect(engineEvent(raw('health_status: healthy'))).toMatchObject({
      action: 'health_status',
      detail: 'healthy',
    });
    expect(engineEvent(raw('exec_start: sh -c a:b'))).toMatchObject({
      action: 'exec_start',
      detail: 'sh -c a:b',
    });
    expect(engineEvent(raw('die', { exitCode: '3' }))).toMatchObject({
      action: 'die',
      attributes: { exitCode: '3' },
    });
  });

  test('has its time in milliseconds', () => {
    expect(engineEvent(raw('start')).at).toBe(1_700_000_000_123);
  });

  test("of podman is told in Docker's words", () => {
    expect(engineEvent(raw('died')).action).toBe('die');
    expect(engineEvent(raw('remove')).action).toBe('destroy');
    expect(engineEvent(raw('remove', {}, 'network')).action).toBe('remove');
    expect(engineEvent({ ...raw('health_status'), HealthStatus: 'unhealthy' }).detail).toBe('unhealthy');
  });
});

describe('a sample of stats', () => {
  const sample = (memory: object) => ({
    read: '2026-01-01T00:00:01Z',
    cpu_stats: { cpu_usage: { total_usage: 3_000 }, system_cpu_usage: 20_000, online_cpus: 4 },
    precpu_stats: { cpu_usage: { total_usage: 1_000 }, system_cpu_usage: 10_000 },
    memory_stats: memory,
    networks: { eth0: { rx_bytes: 5, tx_bytes: 6 }, eth1: { rx_bytes: 1, tx_bytes: 1 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: 'Read', value: 7 },
        { op: 'write', value: 8 },
        { op: 'Total', value: 15 },
      ],
    },
    pids_stats: { current: 2 },
  });

  test('on cgroup v1', () => {
    expect(
      containerStats(
        sample({ usage: 100, limit: 1000, stats: { total_inactive_file: 30, inactive_file: 1 } }),
      ),
    ).toEqual({
      at: Date.UTC(2026, 0, 1, 0, 0, 1),
      cpu: 0.8,
      memoryBytes: 70,
      memoryLimitBytes: 1000,
      networkReceivedBytes: 6,
      networkSentBytes: 7,
      blockReadBytes: 7,
      blockWrittenBytes: 8,
      pids: 2,
    });
  });

  test('on cgroup v2', () => {
    expect(
      containerStats(sample({ usage: 100, limit: 1000, stats: { inactive_file: 40 } }))?.memoryBytes,
    ).toBe(60);
  });

  test('is none without something to compare with, or of a container that does not run', () => {
    expect(containerStats({ ...sample({}), precpu_stats: {} })).toBeUndefined();
    expect(containerStats({ read: '0001-01-01T00:00:00Z' })).toBeUndefined();
  });
});

describe('progress of a pull', () => {
  test.each([
    [
      { status: 'Pulling from library/x', id: '15' },
      { layer: '', phase: 'message' },
    ],
    [
      { status: 'Downloading', id: 'a1', progressDetail: { current: 1, total: 2 } },
      { layer: 'a1', phase: 'downloading', current: 1, total: 2 },
    ],
    [
      { status: 'Retrying in 3 seconds', id: 'a1' },
      { layer: 'a1', phase: 'retrying' },
    ],
    [
      { status: 'Pull complete', id: 'a1', progressDetail: {} },
      { layer: 'a1', phase: 'done' },
    ],
    [
      { status: 'Already exists', id: 'a1' },
      { layer: 'a1', phase: 'exists' },
    ],
  ])('%j', (raw, expected) => {
    expect(pullProgress(raw)).toMatchObject(expected);
  });
});

describe('lines of JSON', () => {
  const wire = Buffer.from('{"a":"ä"}\r\n\n{"b":2}\n{"c":');

  test('come out whole, wherever the stream is cut; half a one at the end is dropped', async () => {
    for (let cut = 0; cut <= wire.length; cut++) {
      async function* chunks() {
        yield wire.subarray(0, cut);
        yield wire.subarray(cut);
      }
      const lines: unknown[] = [];
      for await (const line of jsonLines(chunks())) lines.push(line);
      expect(lines).toEqual([{ a: 'ä' }, { b: 2 }]);
    }
  });
});

describe('the classic builder', () => {
  test('tells steps, their logs and what came from the cache', () => {
    let now = 0;
    const output = new ClassicOutput(() => (now += 10));
    const lines = [
      'Step 1/2 : FROM busybox',
      '\n',
      ' ---> 4fb4895b5cde\n',
      'Step 2/2 : RUN echo hi',
      '\n',
      ' ---> Using cache\n',
      'hi\n',
      'Successfully built 1a08ce87f8c3\n',
    ];
    const told = [...lines.flatMap((stream) => output.read({ stream })), ...output.finish()];
    expect(
      told.map((item) =>
        'bytes' in item ? `log ${item.id} ${Buffer.from(item.bytes)}` : `${item.type} ${item.id}`,
      ),
    ).toEqual(['step 1', 'step 1', 'step 2', 'log 2 hi\n', 'step 2']);
    expect(told.at(-1)).toEqual({
      type: 'step',
      id: '2',
      name: '[2/2] RUN echo hi',
      status: 'done',
      cached: true,
      durationMs: 10,
    });
    expect(output.builtId).toBe('1a08ce87f8c3');
  });

  test('a step that fails says why', () => {
    const output = new ClassicOutput(() => 0);
    output.read({ stream: 'STEP 1/1: RUN false\n' });
    expect(output.finish('exit 1')).toMatchObject([
      { status: 'failed', error: 'exit 1', name: '[1/1] RUN false' },
    ]);
  });
});

describe('BuildKit', () => {
  const vertex = { digest: 'v', name: '[1/1] RUN x', cached: false, error: '' };
  const trace = (started: number | undefined, completed: number | undefined, error = '') => ({
    vertexes: [{ ...vertex, started, completed, error }],
    statuses: [],
    logs: [],
  });

  test('tells each step once, though it repeats itself', () => {
    const output = new BuildkitOutput();
    const told = [
      trace(undefined, undefined),
      trace(5, undefined),
      trace(5, undefined),
      trace(5, 9),
      trace(5, 9),
    ].flatMap((item) => output.readTrace(item));
    expect(told).toMatchObject([{ status: 'started' }, { status: 'done', durationMs: 4 }]);
  });

  test('decodes what an engine really sent', () => {
    // 20.10: vertex "[internal] load remote build context", then a line of a RUN.
    const begun =
      'Cn0KR3NoYTI1NjpmZTkxMWFiM2E3ZTQ4Mjc1ZjNjYjA1OTM4MjUzMmY4NjBhYjQyN2M4NzZlM2Y2ZTVjYjRhOGI5NTk3MTdlZGIzGiRbaW50ZXJuYWxdIGxvYWQgcmVtb3RlIGJ1aWxkIGNvbnRleHQqDAiY4oLYBhCG64b/Ag==';
    const line =
      'GmcKR3NoYTI1Njo4YTE0YTE2NTY1MTEyZDVmOTEyYmY4OTFhMGEyNGRkMWU0ZDllYzdiMWNjYWNlMjMwZTZmMWFkMThmM2FhYWYwEgwImeKC2AYQsca1tAIYASIMaGVsbG8gd29ybGQK';
    const output = new BuildkitOutput();
    const id = 'moby.buildkit.trace';
    expect(output.read({ id, aux: begun })).toMatchObject([
      { type: 'step', name: '[internal] load remote build context', status: 'started' },
    ]);
    const [log] = output.read({ id, aux: line });
    expect(log?.type === 'log' && Buffer.from(log.bytes).toString()).toBe('hello world\n');
  });

  test('is given the login of the registry it asks for, and of no other', () => {
    const auths = [{ serverAddress: 'https://index.docker.io/v1/', username: 'ada', password: 'secret' }];
    expect(credentialsFor('registry-1.docker.io', auths).toString()).toContain('secret');
    expect(credentialsFor('evil.example', auths).length).toBe(0);
  });
});

describe('small readings', () => {
  const said = (version: Raw, info: Raw, builder = '') => engineInfo({ version, info, builder }, 'x');

  test.each([
    ['postgres', 'postgres', 'latest'],
    ['postgres:15', 'postgres', '15'],
    ['localhost:5000/a/b', 'localhost:5000/a/b', 'latest'],
    ['localhost:5000/a/b:1', 'localhost:5000/a/b', '1'],
    ['a:1@sha256:ff', 'a', 'sha256:ff'],
  ])('%s', (reference, name, tag) => {
    expect(splitTag(reference)).toEqual({ name, tag });
  });

  test('versions are compared as numbers', () => {
    expect(compareVersions('1.9', '1.41')).toBeLessThan(0);
    expect(compareVersions('1.41', '1.41')).toBe(0);
    expect(compareVersions('', '1.41')).toBeLessThan(0);
  });

  test("the engine's platform is named as images name theirs", () => {
    expect(said({ Os: 'linux', Arch: 'amd64' }, { Architecture: 'x86_64' }).platform).toBe('linux/amd64');
    expect(said({}, { OSType: 'linux', Architecture: 'aarch64' }).platform).toBe('linux/arm64');
    const podman = { Components: [{ Name: 'Podman Engine' }] };
    expect(said(podman, {})).toMatchObject({ product: 'Podman', buildkit: false });
    expect([said({}, {}).buildkit, said({}, {}, '2').buildkit, said({}, {}, '1').buildkit]).toEqual([
      true,
      true,
      false,
    ]);
    expect(said({}, { OSType: 'windows' }).buildkit).toBe(false);
  });

  test('ssh is called with the host after a double dash', () => {
    const address = { type: 'ssh', host: 'far', user: 'ada', port: 2222 } as const;
    expect(sshArguments(address).join(' ')).toBe(
      '-o ConnectTimeout=30 -T -l ada -p 2222 -- far docker system dial-stdio',
    );
  });
});
