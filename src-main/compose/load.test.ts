// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are compose's own templates
import { describe, expect, it } from 'vitest';
import { AppFailure } from '#contract/errors.ts';
import { memoryFiles } from '#support/composeFiles.ts';
import { loadProject } from './load.ts';
import type { LoadOptions, LoadResult } from './loadOptions.ts';

function load(
  files: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): Promise<LoadResult> {
  return loadProject({ workingDir: '/shop', environment: {}, reader: memoryFiles(files), ...options });
}

async function loaded(files: Readonly<Record<string, string>>, options: Partial<LoadOptions> = {}) {
  const result = await load(files, options);
  if (result.type !== 'loaded') throw new Error(result.errors.map((error) => error.message).join('\n'));
  return result.project;
}

const WEB = 'services: {web: {image: nginx}}';

describe('the files of a project', () => {
  it('are found by name, compose.yaml first, with the override', async () => {
    const project = await loaded({
      '/shop/docker-compose.yml': 'services: {old: {image: x}}',
      '/shop/compose.yaml': WEB,
      '/shop/compose.override.yaml': 'services: {web: {tty: true}}',
    });
    expect(project.composeFiles).toEqual(['/shop/compose.yaml', '/shop/compose.override.yaml']);
    expect(project.services['web']).toMatchObject({ image: 'nginx', tty: true });
    expect(project.warnings.map(({ kind }) => kind)).toEqual(['files.ambiguous']);
  });

  it('are found above the folder, which then is the project', async () => {
    const project = await loaded({ '/shop/compose.yaml': WEB }, { workingDir: '/shop/src/deep' });
    expect(project).toMatchObject({ workingDir: '/shop', name: 'shop' });
  });

  it('may be none, and that is said', async () => {
    const result = await load({ '/shop/readme.md': '' });
    expect(result).toMatchObject({
      type: 'invalid',
      errors: [{ kind: 'compose.notFound', folder: '/shop' }],
    });
  });

  it('come from COMPOSE_FILE when no one names them, also by .env', async () => {
    const files = {
      '/shop/.env': 'COMPOSE_FILE=a.yaml:b.yaml',
      '/shop/a.yaml': WEB,
      '/shop/b.yaml': 'name: b',
    };
    expect(await loaded(files)).toMatchObject({ name: 'b', composeFiles: ['/shop/a.yaml', '/shop/b.yaml'] });
  });

  it('end with the overrides of Slipway that exist', async () => {
    const files = {
      '/shop/compose.yaml': WEB,
      '/shop/.slipway/override.yaml': 'services: {web: {image: "nginx:1.26"}}',
    };
    const overrideFiles = ['.slipway/override.yaml', '.slipway/absent.yaml'];
    const project = await loaded(files, { overrideFiles });
    expect(project.services['web']?.image).toBe('nginx:1.26');
    expect(project.composeFiles).toHaveLength(2);
  });
});

describe('what a load tells beside the document', () => {
  it('is where an attribute stands, in the file that had the last word', async () => {
    const project = await loaded({
      '/shop/compose.yaml': 'services:\n  web:\n    image: a\n    environment:\n      A: 1\n',
      '/shop/compose.override.yaml': 'services:\n  web:\n    image: b\n',
    });
    expect(project.sourceOf('services.web.image')).toEqual({
      file: '/shop/compose.override.yaml',
      line: 3,
      column: 5,
    });
    expect(project.sourceOf('services.web.environment.A')).toMatchObject({
      file: '/shop/compose.yaml',
      line: 5,
    });
  });

  it('is every variable that must be set, with the reason the file gives', async () => {
    const result = await load({
      '/shop/compose.yaml': 'services: {web: {image: "a:${TAG:?pick one}${X?}"}}',
    });
    expect(result).toMatchObject({
      type: 'invalid',
      errors: [{ kind: 'compose.variable', variables: ['TAG', 'X'] }],
      missingVariables: [
        { name: 'TAG', reason: 'pick one', path: 'services.web.image' },
        { name: 'X', reason: '' },
      ],
    });
  });

  it('is what one engine cannot do', async () => {
    const project = await loaded({
      '/shop/compose.yaml': 'services: {web: {image: a, deploy: {placement: {constraints: [x]}}}}',
    });
    expect(project.warnings).toMatchObject([
      { kind: 'attribute.unsupported', path: 'services.web.deploy.placement' },
    ]);
  });

  it('is what needs an engine that was made ready for it', async () => {
    const project = await loaded({
      '/shop/compose.yaml':
        'services: {a: {image: a, gpus: all}, b: {image: b, devices: [/dev/x, v.com/gpu=0]}, c: {image: c, deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}}}',
    });
    expect(project.warnings.map(({ path }) => path)).toEqual([
      'services.a.gpus',
      'services.b.devices[1]',
      'services.c.deploy.resources.reservations.devices',
    ]);
  });

  it('is a volume with a short name that reads as a drive', async () => {
    const project = await loaded({
      '/shop/compose.yaml':
        'services: {a: {image: a, volumes: ["d:/var/lib/x", "dd:/y", "/z", {type: volume, source: d, target: /v}]}}\nvolumes: {d: {}, dd: {}}',
    });
    const warnings = project.warnings.filter(({ kind }) => kind === 'attribute.unsupported');
    expect(warnings.map(({ path }) => path)).toEqual(['services.a.volumes[0]']);
    expect(warnings[0]?.message).toContain('a volume called d needs the long form');
  });

  it('is the content of secrets that come from variables, apart from what is printed', async () => {
    const project = await loaded(
      {
        '/shop/compose.yaml': 'services: {web: {image: a, secrets: [t]}}\nsecrets: {t: {environment: TOKEN}}',
      },
      { environment: { TOKEN: 'hush' } },
    );
    expect(project.resolvedContent.secrets).toEqual({ t: 'hush' });
    expect(JSON.stringify(project.secrets)).not.toContain('hush');
  });
});

describe('hostile files', () => {
  it('cannot grow by aliases beyond a bound', async () => {
    const levels = Array.from({ length: 30 }, (_, index) => {
      const below = index === 0 ? 'lol' : Array.from({ length: 9 }, () => `*l${index - 1}`).join(', ');
      return `x-l${index}: &l${index} [${below}]`;
    });
    const result = await load({ '/shop/compose.yaml': `${levels.join('\n')}\n${WEB}` });
    expect(result).toMatchObject({ type: 'invalid' });
  });

  it.each([
    ['flow lists', '['.repeat(100_000)],
    ['flow maps', `x: ${'{a: '.repeat(50_000)}`],
    ['block maps', Array.from({ length: 5_000 }, (_, index) => `${' '.repeat(index)}a:`).join('\n')],
    ['an open brace', '{'],
    ['defaults in defaults', `services: {web: {image: "${'${A:-'.repeat(5_000)}${'}'.repeat(5_000)}"}}`],
  ])('nested without end are refused: %s', async (_, text) => {
    expect(await load({ '/shop/compose.yaml': text })).toMatchObject({ type: 'invalid' });
  });

  it('that contain themselves are refused', async () => {
    const text = 'services: &s\n  web:\n    image: a\n    labels: *s\n';
    expect(await load({ '/shop/compose.yaml': text })).toMatchObject({
      type: 'invalid',
      errors: [
        { at: { line: 3 } },
        { at: { line: 4 }, message: expect.stringContaining('inside what it names') },
      ],
    });
  });

  it('that the reader refuses are errors like any other', async () => {
    const reader = {
      ...memoryFiles({}),
      kind: async () => 'file' as const,
      readText: async (file: string) => {
        throw new AppFailure({ kind: 'compose.invalid', message: `${file} is not UTF-8 text.` });
      },
    };
    const result = await loadProject({ workingDir: '/shop', environment: {}, reader });
    expect(result).toMatchObject({
      type: 'invalid',
      errors: [
        { message: '/shop/.env is not UTF-8 text.' },
        { message: '/shop/compose.yaml is not UTF-8 text.' },
        {},
      ],
    });
  });

  it('do not reach the prototypes of objects', async () => {
    const project = await loaded({
      '/shop/compose.yaml':
        'services:\n  __proto__: {image: a}\n  constructor: {image: b, environment: {__proto__: x, toString: y}}\n',
    });
    expect(Object.keys(project.services)).toEqual(['__proto__', 'constructor']);
    expect(Object.entries(project.services['constructor']?.environment ?? {})).toEqual([
      ['__proto__', 'x'],
      ['toString', 'y'],
    ]);
    expect(({} as Record<string, unknown>)['image']).toBeUndefined();
  });
});

describe('large files', () => {
  it.each([
    [
      'unknown attributes',
      `services: {web: {image: a}}\n${Array.from({ length: 30_000 }, (_, i) => `servic${i}: 1`).join('\n')}`,
    ],
    [
      'digits',
      `services: {web: {image: a, mem_limit: ${'9'.repeat(200_000)}, scale: ${'9'.repeat(200_000)}}}`,
    ],
    ['text', `services: {web: {image: a, command: "${'x '.repeat(500_000)}"}}`],
    ['dollar signs', `services: {web: {image: a, command: "${'$$ ${A:-b} '.repeat(50_000)}"}}`],
    [
      'lines of an indented block',
      `services:\n  web:\n    image: a\n    command: |\n${'      line\n'.repeat(100_000)}`,
    ],
  ])('full of %s take no longer than their size', { timeout: 10_000 }, async (_, text) => {
    const result = await load({ '/shop/compose.yaml': text });
    expect(['loaded', 'invalid']).toContain(result.type);
  });

  it('say what is too much to say', async () => {
    const keys = Array.from({ length: 500 }, (_, index) => `servic${index}: 1`).join('\n');
    const result = await load({ '/shop/compose.yaml': keys });
    if (result.type !== 'invalid') throw new Error('unknown attributes were taken');
    expect(result.errors).toHaveLength(101);
    expect(result.errors.at(-1)?.message).toBe('… and 400 more errors.');
  });
});
