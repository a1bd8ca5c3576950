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
  config: { env: ['PATH', 'NODE_ENV'], workingDir: '/app' },
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
