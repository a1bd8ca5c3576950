import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BuildOutput } from '#engine/builds.ts';
import type { Engine } from '#engine/engine.ts';
import type { PullProgress } from '#engine/images.ts';
import { PRIVATE_REGISTRY, PUBLIC_REGISTRY } from '../hub/registries.ts';
import { failOnLeaks } from '../support/leaks.ts';
import { openTestEngine } from '../support/realEngine.ts';
import { failureOf, IMAGE, kindOf } from './harness.ts';

/** What only a real engine with a real registry can show. */

let engine: Engine;
const made: string[] = [];
const scope = failOnLeaks('images', () => engine);

const LOGIN = {
  serverAddress: PRIVATE_REGISTRY.host,
  username: PRIVATE_REGISTRY.username,
  password: PRIVATE_REGISTRY.password,
};

beforeAll(async () => {
  engine = await openTestEngine();
  await engine.pullImage({ reference: IMAGE });
});

afterAll(async () => {
  for (const reference of new Set(made)) {
    if ((await engine.inspectImage(reference)) !== undefined)
      await engine.removeImage(reference, { force: true });
  }
  await engine.close();
});

/** A reference that is taken away at the end of the file. */
function reference(registry: string, word: string): string {
  const name = `${registry}/${scope.prefix}-${word}:1`;
  made.push(name);
  return name;
}

async function* context(files: Readonly<Record<string, string>>): AsyncGenerator<Uint8Array, void, void> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  for await (const chunk of tar) yield chunk as Uint8Array;
}

describe('pull and push', () => {
  test('out and in again, with progress in bytes', async () => {
    const name = reference(PUBLIC_REGISTRY, 'round');
    await engine.buildImage({
      context: context({
        Dockerfile: `FROM ${IMAGE}\nCOPY big /big\n`,
        big: 'x'.repeat(3_000_000) + scope.prefix,
      }),
      dockerfile: 'Dockerfile',
      tags: [name],
      builder: 'classic',
    });
    await engine.pushImage({ reference: name });
    await engine.removeImage(name);
    const seen: PullProgress[] = [];
    await engine.pullImage({ reference: name, onProgress: (progress) => seen.push(progress) });
    expect(await engine.inspectImage(name)).toMatchObject({ os: 'linux' });
    expect(seen.some(({ phase }) => phase === 'exists' || phase === 'done')).toBe(true);
    for (const { phase, current, total } of seen) {
      if (phase === 'downloading') expect(current).toBeLessThanOrEqual(total ?? 0);
    }
  });

  test('a tag that the registry does not have', async () => {
    const missing = `${PUBLIC_REGISTRY}/${scope.prefix}-nowhere:1`;
    expect(await failureOf(engine.pullImage({ reference: missing }))).toMatchObject({
      kind: 'image.notFound',
      image: missing,
    });
  });

  test('a registry that is not there', async () => {
    const nowhere = engine.pullImage({ reference: '127.0.0.1:1/slipway-test:1' });
    expect(await failureOf(nowhere)).toMatchObject({ kind: 'registry.unreachable', reason: 'network' });
  });

  test('a registry that wants a login: denied without, and with a wrong one; let in with the right one', async () => {
    const name = reference(PRIVATE_REGISTRY.host, 'login');
    await engine.tagImage(IMAGE, name);
    expect(await kindOf(engine.pushImage({ reference: name }))).toBe('image.denied');
    await engine.pushImage({ reference: name, auth: LOGIN });
    await engine.removeImage(name);
    expect(await failureOf(engine.pullImage({ reference: name }))).toMatchObject({
      kind: 'image.denied',
      registry: PRIVATE_REGISTRY.host,
    });
    const wrong = { ...LOGIN, password: 'wrong' };
    expect(await kindOf(engine.pullImage({ reference: name, auth: wrong }))).toBe('image.denied');
    await engine.pullImage({ reference: name, auth: LOGIN });
    expect(await engine.inspectImage(name)).toBeDefined();
  });

  test('saved and loaded', async () => {
    const name = reference('slipway-test', 'saved');
    await engine.tagImage(IMAGE, name);
    const chunks: Uint8Array[] = [];
    for await (const chunk of await engine.saveImages([name])) chunks.push(chunk);
    await engine.removeImage(name);
    async function* tar() {
      yield* chunks;
    }
    await engine.loadImages(tar());
    expect(await engine.inspectImage(name)).toBeDefined();
  });
});

describe.each(['classic', 'buildkit'] as const)('the %s builder', (builder) => {
  test('tells its steps in order, with logs, and gives the image', async () => {
    const name = reference('slipway-test', builder);
    const output: BuildOutput[] = [];
    const { imageId } = await engine.buildImage({
      context: context({
        'sub/Dockerfile': `FROM ${IMAGE}\nARG WORD\nRUN echo "said $WORD"\nCOPY f /f\n`,
        f: '1',
      }),
      dockerfile: 'sub/Dockerfile',
      tags: [name],
      buildArgs: { WORD: scope.prefix },
      labels: { 'slipway-test.built': 'yes' },
      builder,
      onOutput: (item) => output.push(item),
    });
    expect(await engine.inspectImage(name)).toMatchObject({
      id: imageId,
      labels: { 'slipway-test.built': 'yes' },
    });
    const log = Buffer.concat(output.flatMap((item) => (item.type === 'log' ? [item.bytes] : []))).toString();
    expect(log).toContain(`said ${scope.prefix}`);
    const steps = output.flatMap((item) => (item.type === 'step' ? [`${item.status} ${item.name}`] : []));
    const run = steps.findIndex((step) => step.startsWith('started') && step.includes('RUN echo'));
    const copy = steps.findIndex((step) => step.startsWith('done') && step.includes('COPY f'));
    expect(run).toBeGreaterThanOrEqual(0);
    expect(copy).toBeGreaterThan(run);
  });

  test('the second time everything comes from the cache', async () => {
    const build = async (onOutput: (item: BuildOutput) => void) =>
      engine.buildImage({
        context: context({ Dockerfile: `FROM ${IMAGE}\nRUN echo ${scope.prefix} ${builder}\n` }),
        dockerfile: 'Dockerfile',
        tags: [reference('slipway-test', `${builder}-cache`)],
        builder,
        onOutput,
      });
    await build(() => undefined);
    const cached: boolean[] = [];
    await build((item) => {
      if (item.type === 'step' && item.status === 'done' && item.name.includes('RUN'))
        cached.push(item.cached);
    });
    expect(cached).toEqual([true]);
  });

  test('a command that fails: which step, and the end of its output', async () => {
    const steps: string[] = [];
    const failed = engine.buildImage({
      context: context({ Dockerfile: `FROM ${IMAGE}\nRUN echo ${scope.prefix} before; exit 9\n` }),
      dockerfile: 'Dockerfile',
      tags: [],
      builder,
      onOutput: (item) => void (item.type === 'step' && item.status === 'failed' && steps.push(item.name)),
    });
    expect(await failureOf(failed)).toMatchObject({
      kind: 'build.failed',
      output: expect.stringContaining(`${scope.prefix} before`),
    });
    expect(steps).toEqual([expect.stringContaining('exit 9')]);
  });

  test('a Dockerfile that does not parse', async () => {
    const failed = engine.buildImage({
      context: context({ Dockerfile: `FROM ${IMAGE}\nRUNN x\n` }),
      dockerfile: 'Dockerfile',
      tags: [],
      builder,
    });
    expect(await failureOf(failed)).toMatchObject({
      kind: 'build.failed',
      message: expect.stringMatching(/RUNN/i),
    });
  });

  test('a base image behind a login', async () => {
    const base = reference(PRIVATE_REGISTRY.host, `${builder}-base`);
    const name = reference('slipway-test', `${builder}-on-private`);
    await engine.tagImage(IMAGE, base);
    await engine.pushImage({ reference: base, auth: LOGIN });
    await engine.removeImage(base);
    const build = (auths: readonly (typeof LOGIN)[]) =>
      engine.buildImage({
        context: context({ Dockerfile: `FROM ${base}\nCOPY Dockerfile /it\n` }),
        dockerfile: 'Dockerfile',
        tags: [name],
        builder,
        pull: true,
        auths,
      });
    expect(await kindOf(build([]))).toMatch(/^image\.(denied|notFound)$|^build\.failed$/);
    await build([LOGIN]);
    expect(await engine.inspectImage(name)).toBeDefined();
  });

  test('given up in the middle', async () => {
    const abort = new AbortController();
    const building = engine.buildImage({
      context: context({ Dockerfile: `FROM ${IMAGE}\nRUN echo ${scope.prefix}; sleep 30\n` }),
      dockerfile: 'Dockerfile',
      tags: [],
      builder,
      signal: abort.signal,
      onOutput: (item) => {
        if (item.type === 'log') abort.abort();
      },
    });
    expect(await kindOf(building)).toBe('cancelled');
  });
});
