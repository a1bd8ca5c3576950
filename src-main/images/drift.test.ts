import { describe, expect, it } from 'vitest';
import { driftOf, type LocalSide, type ProductionSide } from './drift.ts';
import { container } from './manifest/manifest.ts';
import { matchServices } from './manifest/matchServices.ts';

const INDEX = `sha256:${'a'.repeat(64)}`;
const PLATFORM = `sha256:${'b'.repeat(64)}`;
const CONFIG = `sha256:${'c'.repeat(64)}`;
const OTHER = `sha256:${'d'.repeat(64)}`;

const local = (more: Partial<LocalSide> = {}): LocalSide => ({
  service: 'api',
  image: 'acme/api:2.4.0',
  built: false,
  digests: [OTHER],
  env: [],
  imageEnv: [],
  ports: [],
  limits: {},
  ...more,
});
const version = (text: string, more: object = {}) => ({
  text,
  numbers: text.split('.').map(Number),
  ...more,
});
const production = (more: Partial<ProductionSide> = {}): ProductionSide => ({
  container: container({ name: 'api', image: 'acme/api:2.4.1' }),
  digests: [INDEX, PLATFORM, CONFIG],
  ...more,
});

describe('drift', () => {
  it('is none when any digest is the same kind of digest: index, platform or configuration', () => {
    for (const digest of [INDEX, PLATFORM, CONFIG])
      expect(driftOf(local({ digests: [digest] }), production()).state).toBe('same');
  });

  it('knows the same image under another name, and a digest that only the cluster tells', () => {
    expect(driftOf(local({ image: 'mirror.example/x:1', digests: [CONFIG] }), production()).state).toBe(
      'same',
    );
    const pod = production({
      container: container({ name: 'api', image: 'acme/api:2', digest: OTHER }),
      digests: [],
      unknown: 'not reachable',
    });
    expect(driftOf(local(), pod).state).toBe('same');
  });

  it('is behind or ahead by version, and by age where versions say nothing', () => {
    const there = production({ version: version('2.4.1') });
    expect(driftOf(local({ version: version('2.4.0') }), there)).toMatchObject({
      state: 'behind',
      words: 'older than production · 2.4.0 here, 2.4.1 there',
    });
    expect(driftOf(local({ version: version('2.5') }), there).state).toBe('ahead');
    expect(driftOf(local({ created: 1 }), production({ created: 2 })).state).toBe('behind');
    expect(driftOf(local({ created: 3 }), production({ created: 2 })).state).toBe('ahead');
    expect(driftOf(local(), production()).state).toBe('differentBuild');
  });

  it('is a version apart where data would not fit, whatever the repository', () => {
    const here = local({ image: 'postgres:15', version: version('15', { line: '15', product: 'Postgres' }) });
    const there = production({
      container: container({ name: 'db', image: 'bitnami/postgresql:13' }),
      version: version('13', { line: '13', product: 'Postgres' }),
    });
    expect(driftOf(here, there)).toMatchObject({
      state: 'versionApart',
      words: 'Postgres 15 here, 13 in production',
    });
  });

  it('is another image, or not known: never a guess', () => {
    expect(driftOf(local({ image: 'acme/web:1' }), production()).state).toBe('differentImage');
    const away = production({ digests: [], unknown: 'You are not logged in to x.' });
    expect(driftOf(local({ image: 'acme/api:2.4.1' }), away)).toMatchObject({
      state: 'unknown',
      words: 'You are not logged in to x.',
    });
  });

  it('of the configuration names names, and takes secrets out of commands', () => {
    const here = local({
      env: ['A', 'B'],
      imageEnv: ['PATH'],
      command: ['serve', '--password', 'planted', 'postgres://u:planted@db/x', '--token=planted'],
      ports: ['8000/tcp'],
    });
    const there = production({
      container: container({
        name: 'api',
        image: 'acme/api:2',
        env: ['B', 'C', 'PATH'],
        user: '10001',
        ports: ['9000/tcp'],
        limits: { memoryBytes: 2 ** 29 },
      }),
    });
    const { config } = driftOf(here, there);
    expect(config).toEqual([
      { aspect: 'environment', onlyHere: ['A'], onlyThere: ['C'] },
      {
        aspect: 'command',
        here: 'serve --password •••••• postgres://u:••••••@db/x --token=••••••',
        there: undefined,
      },
      { aspect: 'user', here: undefined, there: '10001' },
      { aspect: 'ports', onlyHere: ['8000/tcp'], onlyThere: ['9000/tcp'] },
      { aspect: 'memory', here: undefined, there: '512 MiB' },
    ]);
    expect(JSON.stringify(config)).not.toContain('planted');
  });

  it('says nothing of variables that production does not show', () => {
    const there = production({
      container: container({ name: 'api', image: 'acme/api:2', env: ['B'], envIncomplete: true }),
    });
    expect(driftOf(local({ env: ['A', 'B'] }), there).config).toEqual([]);
  });
});

describe('matching', () => {
  const there = [
    container({ name: 'app', image: 'acme/api:2', workload: { kind: 'Deployment', name: 'shop-api' } }),
    container({ name: 'migrate', image: 'acme/api:2', role: 'init' }),
    container({ name: 'db', image: 'postgres:17' }),
    container({ name: 'web', image: 'acme/web:2' }),
    container({ name: 'envoy', image: 'envoy:1' }),
  ];

  it('goes by declaration, then by name, then by image', () => {
    const found = matchServices(
      [
        { name: 'api' },
        { name: 'postgres', image: 'postgres:15' },
        { name: 'front', declared: 'web' },
        { name: 'cache', image: 'redis:7' },
      ],
      there,
      'shop',
    );
    expect(
      found.matches.map(({ service, container: entry, by }) => `${service}=${entry.name} by ${by}`),
    ).toEqual(['api=app by name', 'postgres=db by image', 'front=web by declaration']);
    expect(found.onlyHere).toEqual(['cache']);
    expect(found.onlyThere.map(({ name }) => name)).toEqual(['migrate', 'envoy']);
  });

  it('guesses nothing: an image that two services run is nobody’s, a declaration may say none', () => {
    const two = [
      { name: 'a', image: 'postgres:15' },
      { name: 'b', image: 'postgres:15' },
    ];
    expect(matchServices(two, there, 'shop').matches).toEqual([]);
    const none = matchServices([{ name: 'web', declared: false }], there, 'shop');
    expect(none.onlyHere).toEqual(['web']);
    expect(matchServices([{ name: 'x', declared: 'gone' }], there, 'shop').broken).toEqual([
      { service: 'x', declared: 'gone' },
    ]);
  });
});
