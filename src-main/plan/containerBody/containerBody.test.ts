import { describe, expect, test } from 'vitest';
import { emptyEngine, inputOf, projectOf } from '#support/planWorld.ts';
import type { CreateStep } from '../plan.ts';
import { reconcile } from '../reconcile.ts';

async function created(yaml: string, apiVersion = '1.41'): Promise<CreateStep> {
  const project = await projectOf(yaml);
  const plan = reconcile({ ...inputOf(project, emptyEngine(project)), apiVersion });
  const step = plan.steps.find((entry) => entry.kind === 'create');
  if (step === undefined) throw new Error('the plan creates nothing');
  return step;
}

async function hostOf(attributes: string, apiVersion?: string) {
  return (await created(`name: p\nservices: {a: {image: i, ${attributes}}}`, apiVersion)).body.HostConfig;
}

async function bodyOf(attributes: string, apiVersion?: string) {
  return (await created(`name: p\nservices: {a: {image: i, ${attributes}}}`, apiVersion)).body;
}

describe('a container body', () => {
  test('carries the labels of docker compose', async () => {
    const { Labels } = await bodyOf('labels: {own: label}');
    expect(Labels).toMatchObject({
      own: 'label',
      'com.docker.compose.project': 'p',
      'com.docker.compose.service': 'a',
      'com.docker.compose.container-number': '1',
      'com.docker.compose.oneoff': 'False',
      'com.docker.compose.project.config_files': '/home/dev/shop/compose.yaml',
      'com.docker.compose.project.working_dir': '/home/dev/shop',
      'com.docker.compose.depends_on': '',
      'com.docker.compose.image': 'sha256:i',
      'com.docker.compose.config-hash': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('joins the network of the highest priority and leaves the others for later on old engines', async () => {
    const yaml = `
name: p
services: {a: {image: i, networks: {low: {}, high: {priority: 9, aliases: [x]}}}}
networks: {low: {}, high: {}}
`;
    const old = await created(yaml);
    expect(old.body.HostConfig?.NetworkMode).toBe('p_high');
    expect(old.body.NetworkingConfig?.EndpointsConfig).toEqual({
      p_high: { Aliases: ['p-a-1', 'a', 'x'], IPAMConfig: {} },
    });
    expect(old.connect).toEqual([
      { network: 'p_low', endpoint: { Aliases: ['p-a-1', 'a'], IPAMConfig: {} } },
    ]);
    const current = await created(yaml, '1.44');
    expect(Object.keys(current.body.NetworkingConfig?.EndpointsConfig ?? {})).toEqual(['p_high', 'p_low']);
    expect(current.connect).toEqual([]);
  });

  test('has plain volumes as binds and the rest as mounts', async () => {
    const step = await created(`
name: p
services:
  a:
    image: i
    volumes:
      - named:/n:ro
      - /host:/h
      - /anonymous
      - {type: bind, source: /strict, target: /s, bind: {create_host_path: false}}
      - {type: tmpfs, target: /t, tmpfs: {size: 1m}}
    tmpfs: ["/run:size=1m"]
volumes: {named: {}}
`);
    expect(step.body.HostConfig?.Binds).toEqual(['p_named:/n:ro', '/host:/h:rw']);
    expect(step.body.HostConfig?.Mounts).toEqual([
      expect.objectContaining({ Type: 'volume', Target: '/anonymous' }),
      expect.objectContaining({ Type: 'bind', Source: '/strict', Target: '/s' }),
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1048576 } },
    ]);
    expect(step.body.HostConfig?.['Tmpfs']).toEqual({ '/run': 'size=1m' });
  });

  test('publishes ports, ranges one by one', async () => {
    const host = await hostOf('ports: ["5432", "127.0.0.1:8080:80", "9000-9001:90-91/udp"]');
    expect(host?.PortBindings).toEqual({
      '5432/tcp': [{ HostIp: '', HostPort: '' }],
      '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }],
      '90/udp': [{ HostIp: '', HostPort: '9000' }],
      '91/udp': [{ HostIp: '', HostPort: '9001' }],
    });
  });

  test('has a healthcheck in nanoseconds, or none', async () => {
    const check = await bodyOf('healthcheck: {test: "true", interval: 1m30s, timeout: 500ms, retries: 3}');
    expect(check.Healthcheck).toEqual({
      Test: ['CMD-SHELL', 'true'],
      Interval: 90e9,
      Timeout: 0.5e9,
      Retries: 3,
    });
    expect((await bodyOf('healthcheck: {disable: true}')).Healthcheck).toEqual({ Test: ['NONE'] });
  });

  test('leaves out what the engine is too old for, and says so', async () => {
    const yaml = '{name: p, services: {a: {image: i, healthcheck: {test: "true", start_interval: 1s}}}}';
    const project = await projectOf(yaml);
    const plan = reconcile(inputOf(project, emptyEngine(project)));
    expect(plan.warnings).toEqual([
      {
        service: 'a',
        message: 'healthcheck.start_interval needs Docker Engine 25 or newer and has no effect',
      },
    ]);
    expect((await created(yaml, '1.44')).body.Healthcheck?.StartInterval).toBe(1e9);
  });

  const single: [string, string, Record<string, unknown>][] = [
    [
      'limits of deploy over the short ones',
      'cpus: 0.5, deploy: {resources: {limits: {cpus: "0.5", memory: 64m}, reservations: {memory: 2m}}}',
      { NanoCpus: 5e8, Memory: 67108864, MemoryReservation: 2097152 },
    ],
    [
      'restart with attempts',
      'restart: "on-failure:3"',
      { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    ],
    [
      'deploy.restart_policy',
      'deploy: {restart_policy: {condition: any, max_attempts: 2}}',
      { RestartPolicy: { Name: 'always', MaximumRetryCount: 2 } },
    ],
    [
      'capabilities with their prefix',
      'cap_add: [net_admin, SYS_TIME], cap_drop: [ALL]',
      { CapAdd: ['CAP_NET_ADMIN', 'CAP_SYS_TIME'], CapDrop: ['ALL'] },
    ],
    ['hosts with a colon', 'extra_hosts: {a: "::1", b: 10.0.0.1}', { ExtraHosts: ['a:::1', 'b:10.0.0.1'] }],
    [
      'limits of files',
      'ulimits: {nofile: {soft: 10, hard: 20}, core: 0}',
      {
        Ulimits: [
          { Name: 'core', Soft: 0, Hard: 0 },
          { Name: 'nofile', Soft: 10, Hard: 20 },
        ],
      },
    ],
    ['a graphics card', 'gpus: all', { DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] }],
    [
      'devices',
      'devices: ["/dev/null:/dev/x:r", "vendor.com/class=one"]',
      {
        Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x', CgroupPermissions: 'r' }],
        DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['vendor.com/class=one'] }],
      },
    ],
    [
      'open system paths',
      'security_opt: ["systempaths=unconfined", "seccomp=unconfined"]',
      { SecurityOpt: ['seccomp=unconfined'], MaskedPaths: [], ReadonlyPaths: [] },
    ],
    [
      'logging',
      'logging: {driver: local, options: {max-size: 1m}}',
      { LogConfig: { Type: 'local', Config: { 'max-size': '1m' } } },
    ],
  ];
  for (const [title, attributes, wanted] of single)
    test(`has ${title}`, async () => {
      expect(await hostOf(attributes)).toMatchObject(wanted);
    });

  test('has secrets and configs as mounts, and contents as files', async () => {
    const step = await created(`
name: p
services: {a: {image: i, secrets: [s], configs: [{source: c, target: /etc/c, mode: 0400, uid: "5"}]}}
secrets: {s: {file: /tmp/s}}
configs: {c: {content: hello}}
`);
    expect(step.body.HostConfig?.Mounts).toEqual([
      { Type: 'bind', Source: '/tmp/s', Target: '/run/secrets/s', ReadOnly: true, BindOptions: {} },
    ]);
    expect(step.files).toEqual([{ path: '/etc/c', content: 'hello', uid: 5, gid: 0, mode: 0o400 }]);
  });

  test('takes a variable away from the image when it is named without a value', async () => {
    expect((await bodyOf('environment: {B: null, A: "1", C: ""}')).Env).toEqual(['A=1', 'B', 'C=']);
  });
});
