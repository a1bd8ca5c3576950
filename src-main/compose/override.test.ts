import { describe, expect, it } from 'vitest';
import {
  overriddenImage,
  overrideService,
  overrideVolume,
  restoreService,
  serviceSection,
} from './override.ts';

const mount = { type: 'volume', source: 'postgres-17', target: '/var/lib/postgresql/data' } as const;

describe('the override file', () => {
  it('is a compose file that says what was chosen', () => {
    const image = overrideService(undefined, 'postgres', {
      image: 'postgres:17',
      volumes: { how: 'merge', mounts: [mount] },
    });
    expect(overrideVolume(image, 'postgres-17', 'shop_pgdata--17')).toBe(
      `# Written by Slipway: versions, images and ports chosen in its window. Delete a line to take a choice back.

services:
  postgres:
    image: postgres:17
    volumes:
      - type: volume
        source: postgres-17
        target: /var/lib/postgresql/data
volumes:
  postgres-17:
    name: shop_pgdata--17
`,
    );
  });

  it('goes when nothing is left to say', () => {
    const text = overrideVolume(overrideService(undefined, 'db', { image: 'postgres:17' }), 'v', 'shop_v');
    const less = overrideVolume(text, 'v', null);
    expect(less).not.toContain('volumes');
    expect(overrideService(less, 'db', { image: null })).toBeUndefined();
  });

  it('keeps what others wrote into it', () => {
    const text = 'services:\n  api: # mine\n    image: acme/api:2\n';
    const next = overrideService(text, 'db', { image: 'postgres:17' });
    expect(next).toContain('# mine');
    expect(overrideService(next, 'db', { image: null })).toContain('acme/api:2');
  });

  it('replaces all mounts where a path moved', () => {
    expect(overrideService(undefined, 'db', { volumes: { how: 'replace', mounts: [mount] } })).toContain(
      'volumes: !override',
    );
  });

  it('gives back exactly what another choice had taken the place of', () => {
    const own = overrideService(undefined, 'api', {
      ports: [{ target: 80, published: '8081', protocol: 'tcp', mode: 'ingress' }],
      environment: { MODE: 'fast', OTHER: 'kept' },
    });
    const section = serviceSection(own, 'api');
    const taken = overrideService(own, 'api', {
      unset: ['MODE', 'NEW'],
      attributes: { ports: { how: 'replace', value: [] }, init: { how: 'merge', value: true } },
    });
    expect(taken).toContain('MODE: !reset null');
    const back = { attributes: ['ports', 'init'], environment: ['MODE', 'NEW'], section };
    expect(restoreService(taken, 'api', back)).toBe(own);
    expect(restoreService(taken, 'api', { ...back, section: undefined })).not.toContain('MODE');
  });

  it('can put an image in the place of a build, and take that back', () => {
    const swapped = overrideService(undefined, 'api', {
      image: 'acme/api@sha256:abc',
      attributes: {
        build: { how: 'reset' },
        pull_policy: { how: 'merge', value: 'missing' },
        command: { how: 'replace', value: ['serve'] },
      },
    });
    expect(swapped).toContain('build: !reset null\n');
    expect(swapped).toContain('pull_policy: missing\n');
    expect(swapped).toContain('command: !override\n      - serve\n');
    expect(overriddenImage(swapped, 'api')).toBe('acme/api@sha256:abc');
    expect(overriddenImage(swapped, 'web')).toBeUndefined();
    const back = { image: null, attributes: { build: null, pull_policy: null, command: null } };
    expect(overrideService(swapped, 'api', back)).toBeUndefined();
  });
});
