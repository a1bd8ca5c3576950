import { describe, expect, it } from 'vitest';
import { familiarName, formatImageReference, parseImageReference } from './imageReference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('parseImageReference', () => {
  it.each([
    ['postgres', 'docker.io', 'library/postgres', undefined, undefined],
    ['postgres:15-alpine', 'docker.io', 'library/postgres', '15-alpine', undefined],
    ['docker.io/library/postgres:15', 'docker.io', 'library/postgres', '15', undefined],
    ['index.docker.io/acme/api', 'docker.io', 'acme/api', undefined, undefined],
    ['localhost:5000/postgres:15', 'localhost:5000', 'postgres', '15', undefined],
    ['ghcr.io/acme/team/api:v1', 'ghcr.io', 'acme/team/api', 'v1', undefined],
    [`acme/api:1@${DIGEST}`, 'docker.io', 'acme/api', '1', DIGEST],
  ])('takes %s apart', (text, registry, repository, tag, digest) => {
    expect(parseImageReference(text)).toEqual({ registry, repository, tag, digest });
  });

  it.each(['', 'Postgres', 'postgres:', 'a//b', 'postgres@sha256:12', 'postgres:-x', '../etc/passwd'])(
    'refuses %j',
    (text) => {
      expect(parseImageReference(text)).toBeUndefined();
    },
  );

  it('writes names the way people do', () => {
    for (const text of ['postgres:15', `acme/api@${DIGEST}`, 'localhost:5000/postgres:15', 'ghcr.io/a/b:1']) {
      const reference = parseImageReference(text);
      expect(reference && formatImageReference(reference)).toBe(text);
    }
    expect(familiarName({ registry: 'docker.io', repository: 'library/redis' })).toBe('redis');
  });
});
