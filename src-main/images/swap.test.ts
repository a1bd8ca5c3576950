import { describe, expect, it } from 'vitest';
import type { Service } from '#compose/project.ts';
import { container } from './manifest/manifest.ts';
import { decideSwap, type SwapRequest } from './swap.ts';

const definition: Service = {
  build: { context: '/src/api' },
  command: ['npm', 'run', 'dev'],
  entrypoint: null,
  environment: { DATABASE_URL: 'postgres://…', MODE: 'local' },
  volumes: [
    { type: 'bind', source: '/src/api', target: '/app' },
    { type: 'volume', target: '/app/node_modules' },
    { type: 'volume', source: 'uploads', target: '/app/uploads' },
    { type: 'bind', source: '/src/nginx.conf', target: '/etc/nginx/nginx.conf' },
  ],
};
const request = (more: Partial<SwapRequest> = {}): SwapRequest => ({
  service: 'api',
  definition,
  image: 'acme/api@sha256:abc',
  config: {
    env: ['PATH', 'NODE_ENV'],
    workingDir: '/app',
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node', 'server.js'],
  },
  keepMounts: 'drop',
  keepCommand: 'production',
  ...more,
});

describe('a swap', () => {
  it('runs the image’s own program: no source mounted over it, no command for development', () => {
    const { override, notes } = decideSwap(request());
    expect(override.image).toBe('acme/api@sha256:abc');
    expect(override.attributes).toEqual({
      pull_policy: { how: 'merge', value: 'missing' },
      build: { how: 'reset' },
      command: { how: 'reset' },
      volumes: { how: 'replace', value: definition.volumes?.slice(2) },
    });
    expect(notes).toEqual([
      "Its command is the image's own instead of the local npm run dev.",
      "What is mounted at /app and /app/node_modules is left out: it would hide the image's own program.",
    ]);
  });

  it('takes production’s command where production says one, and keeps what is asked for', () => {
    const there = container({ name: 'api', image: 'acme/api:2', command: ['serve', '--fast'] });
    expect(decideSwap(request({ container: there })).override.attributes?.['command']).toEqual({
      how: 'replace',
      value: ['serve', '--fast'],
    });
    const kept = decideSwap(request({ container: there, keepMounts: 'keep', keepCommand: 'local' }));
    expect(kept.attributes).toEqual(['pull_policy', 'build']);
  });

  it('asks for what production sets and nobody here does', () => {
    const there = container({
      name: 'api',
      image: 'acme/api:2',
      env: ['DATABASE_URL', 'NODE_ENV', 'PAYMENT_KEY'],
    });
    expect(decideSwap(request({ container: there })).missing).toEqual(['PAYMENT_KEY']);
  });
});

describe('debugging what is in place', () => {
  const node = { idle: false, debugger: { id: 'node', hostPort: 19229 } } as const;
  const wrapped = (config: Partial<SwapRequest['config']>, id: 'debugpy' | 'delve', idle = false) =>
    decideSwap(
      request({
        config: { env: [], workingDir: '/app', entrypoint: [], cmd: [], ...config },
        debug: { idle, debugger: { id, hostPort: 4000 } },
      }),
    );

  it('publishes the Node inspector on loopback, beside the ports that there are', () => {
    const own = { target: 80, published: '8080', protocol: 'tcp', mode: 'ingress' } as const;
    const found = decideSwap(request({ definition: { ...definition, ports: [own] }, debug: node }));
    expect(found.override.attributes?.['ports']).toEqual({
      how: 'replace',
      value: [
        own,
        { target: 9229, published: '19229', host_ip: '127.0.0.1', protocol: 'tcp', mode: 'ingress' },
      ],
    });
    expect(found.debug?.environment).toEqual({ name: 'NODE_OPTIONS', add: '--inspect=0.0.0.0:9229' });
  });

  it('puts a program under its debugger, or says that it cannot', () => {
    const python = wrapped({ entrypoint: ['/usr/bin/python3'], cmd: ['server.py', '--fast'] }, 'debugpy');
    expect(python.override.attributes?.['entrypoint']).toEqual({
      how: 'replace',
      value: ['/usr/bin/python3', '-m', 'debugpy', '--listen', '0.0.0.0:5678', 'server.py', '--fast'],
    });
    const go = wrapped({ cmd: ['/server', '-v'] }, 'delve');
    expect(go.override.attributes?.['entrypoint']).toMatchObject({
      value: expect.arrayContaining(['dlv', '/server', '--', '-v']),
    });
    expect(go.override.attributes?.['cap_add']).toEqual({ how: 'merge', value: ['SYS_PTRACE'] });
    expect(wrapped({ cmd: ['gunicorn'] }, 'debugpy').notes.join()).toContain('start it by hand');
  });

  it('sleeps in the place of the program, and says how to start that', () => {
    const found = decideSwap(request({ debug: { idle: true } }));
    expect(found.override.attributes).toMatchObject({
      entrypoint: { how: 'replace', value: ['sleep', '2147483647'] },
      command: { how: 'replace', value: [] },
      healthcheck: { how: 'replace', value: { disable: true } },
    });
    expect(found.debug?.startByHand).toBe('docker-entrypoint.sh node server.js');
  });

  it('lets a value that is given win over the local one', () => {
    const found = decideSwap(request({ given: ['MODE', 'NEW'], valuesFile: '.slipway/swap-api.env' }));
    expect(found.unset).toEqual(['MODE']);
  });

  it('refuses one port for several replicas', () => {
    const many = { ...definition, scale: 2 };
    expect(() => decideSwap(request({ definition: many, debug: node }))).toThrow('2 replicas');
  });
});
