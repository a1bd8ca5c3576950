import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Build } from '#compose/project.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import { openEngine } from '#engine/dockerode/dockerodeEngine.ts';
import type { Engine } from '#engine/engine.ts';
import { buildImage } from '#images/build/buildImage.ts';
import { imageDigests, scratchFolder } from '../engine/images/lookAlikes.ts';
import { type BarringProxy, BUILDKIT_WAYS, openBarringProxy } from '../support/barringProxy.ts';
import { eventually } from '../support/eventually.ts';
import {
  canRunPrivateEngine,
  openPrivateEngine,
  type PrivateEngine,
} from '../support/privateEngine/privateEngine.ts';
import { needImages } from '../support/world.ts';

/**
 * The old builder on an engine of the test's own that has BuildKit switched off and no way to it: one that says so (daemon.json),
 * and one that does not, as a proxy that lets only `/build` through.
 */
const NOTHING_TO_IT = { yes: { features: { buildkit: false } }, no: {} } as const;

describe.runIf(canRunPrivateEngine() === 'yes').each(['yes', 'no'] as const)(
  'an engine without BuildKit that says so: %s',
  (says) => {
    let own: PrivateEngine;
    let proxy: BarringProxy;
    let engine: Engine;
    let images = 0;

    beforeAll(async () => {
      await needImages('busybox:1');
      own = await openPrivateEngine({ configuration: NOTHING_TO_IT[says] });
      await own.loadImages('busybox:1');
      const { address } = own.endpoint;
      if (address.type !== 'unix') throw new Error('a private engine has a socket');
      proxy = await openBarringProxy(address.path, BUILDKIT_WAYS);
      engine = await openEngine(proxy.endpoint);
    });
    afterAll(async () => {
      engine?.close();
      await proxy?.[Symbol.asyncDispose]();
      await own?.[Symbol.asyncDispose]();
    });

    interface Built {
      readonly image: string;
      readonly log: string;
      readonly view: BuildView | undefined;
    }

    async function build(
      build: Build,
      onView?: (view: BuildView) => void,
      signal?: AbortSignal,
    ): Promise<Built> {
      const image = `slipway-classic-${process.pid}-${++images}`;
      let log = '';
      let view: BuildView | undefined;
      await buildImage(engine, {
        project: {
          name: 'classic',
          environment: { FROM_SHELL: 'shell' },
          secrets: {},
          services: {},
          resolvedContent: { secrets: {}, configs: {} },
        },
        service: 'case',
        build,
        image,
        auths: [],
        id: 'case',
        now: Date.now,
        signal,
        onView: (heard) => {
          view = heard;
          onView?.(heard);
        },
        onOutput: (output) => {
          if (output.type === 'log') log += Buffer.from(output.bytes).toString();
        },
      });
      return { image, log, view };
    }

    test('must be known for what it is', async () => {
      expect((await engine.info()).buildkit).toBe(says === 'no');
    });

    test('must get the context as docker reads it: ignore file, modes, links', async () => {
      await using folder = await scratchFolder();
      const at = (name: string) => path.join(folder.path, name);
      await mkdir(at('src/deep'), { recursive: true });
      for (const name of ['src/a.js', 'src/b.log', 'src/deep/keep.log', 'run.sh'])
        await writeFile(at(name), name);
      await chmod(at('run.sh'), 0o755);
      await symlink('src/a.js', at('link.js'));
      await writeFile(at('.dockerignore'), '**/*.log\n!src/deep/keep.log\nDockerfile\n');
      await writeFile(
        at('Dockerfile'),
        'FROM busybox:1\nCOPY . /ctx\nRUN cd /ctx && find . -exec stat -c "%n %a %F" {} \\; | sort\n',
      );
      const { log, view } = await build({ context: folder.path });
      expect(log.split('\n').filter((line) => line.startsWith('./'))).toEqual([
        './.dockerignore 644 regular file',
        './link.js 777 symbolic link',
        './run.sh 755 regular file',
        './src 755 directory',
        './src/a.js 644 regular file',
        './src/deep 755 directory',
        './src/deep/keep.log 644 regular file',
      ]);
      expect(view?.outcome).toBe('done');
    });

    test('must build a target with arguments, say each step, and what was cached', async () => {
      await using folder = await scratchFolder();
      const dockerfile = [
        'FROM busybox:1 AS base',
        'ARG GIVEN=none',
        'ARG FROM_SHELL=none',
        'RUN echo "given $GIVEN shell $FROM_SHELL"',
        'FROM base AS wanted',
        'RUN echo wanted',
        'FROM base AS other',
        'RUN echo never here && exit 1',
      ].join('\n');
      await writeFile(path.join(folder.path, 'Dockerfile'), dockerfile);
      const given: Build = { context: folder.path, target: 'wanted', args: { GIVEN: '1', FROM_SHELL: null } };
      const first = await build(given);
      expect(first.log).toContain('given 1 shell shell');
      expect(first.log).not.toContain('never here');
      const steps = (built: Built) =>
        built.view?.steps
          .filter(({ line }) => line !== undefined)
          .map(({ line, status }) => `${line} ${status}`);
      expect(steps(first)?.slice(0, 6)).toEqual(['1 done', '2 done', '3 done', '4 done', '5 done', '6 done']);
      expect((await build(given)).view?.steps.find(({ line }) => line === 4)?.status).toBe('cached');
      // Refused by BuildKit's absence, and said so only where the engine had not said it.
      expect(first.view?.warnings.join()).toMatch(says === 'no' ? /refuses BuildKit/ : /^$/);
      expect(proxy.barred.includes('POST /session')).toBe(says === 'no');
    });

    test('must take a Dockerfile from elsewhere and further contexts', async () => {
      await using folder = await scratchFolder();
      const at = (name: string) => path.join(folder.path, name);
      for (const name of ['app', 'more', 'docker']) await mkdir(at(name));
      await writeFile(at('app/own.txt'), 'own');
      await writeFile(at('more/further.txt'), 'further');
      await writeFile(
        at('docker/Own.Dockerfile'),
        'FROM busybox:1\nCOPY own.txt /ctx/\nCOPY --from=more /further.txt /ctx/\n',
      );
      const { image } = await build({
        context: at('app'),
        dockerfile: at('docker/Own.Dockerfile'),
        additional_contexts: { more: at('more') },
      });
      expect(Object.keys(await imageDigests(engine, image)).sort()).toEqual(['further.txt', 'own.txt']);
    });

    test('must say errors at the line of the Dockerfile', async () => {
      await using folder = await scratchFolder();
      const dockerfile = path.join(folder.path, 'Dockerfile');
      const errorOf = async (text: string) => {
        await writeFile(dockerfile, text);
        return build({ context: folder.path }).then(
          () => undefined,
          (thrown: { error: object }) => thrown.error,
        );
      };
      expect(await errorOf('FROM busybox:1\n\nRUN echo before \\\n  && exit 7\n')).toMatchObject({
        kind: 'build.failed',
        at: { file: dockerfile, line: 3 },
      });
      expect(await errorOf('FROM busybox:1\nCOPY nowhere.txt /\n')).toMatchObject({
        kind: 'build.failed',
        at: { file: dockerfile, line: 2 },
      });
      expect(await errorOf('FROM busybox:1\nRUN true\nCOPPY a b\n')).toMatchObject({
        kind: 'build.failed',
        at: { file: dockerfile, line: 3 },
      });
    });

    test('must stop when it is cancelled, and leave nothing running', async () => {
      await using folder = await scratchFolder();
      await writeFile(path.join(folder.path, 'Dockerfile'), 'FROM busybox:1\nRUN echo begun; sleep 600\n');
      const cancel = new AbortController();
      const seen = (view: BuildView) => {
        if (view.steps.some(({ line, status }) => line === 2 && status === 'running')) cancel.abort();
      };
      await expect(build({ context: folder.path }, seen, cancel.signal)).rejects.toMatchObject({
        error: { kind: 'cancelled' },
      });
      await eventually(async () => (await engine.listContainers({ all: false })).length === 0);
    });

    test('must stream a context that is larger than it may hold', async () => {
      await using folder = await scratchFolder();
      const piece = Buffer.alloc(16 * 1024 * 1024, 7);
      for (let at = 0; at < 20; at++) await writeFile(path.join(folder.path, `${at}.bin`), piece);
      await writeFile(path.join(folder.path, 'Dockerfile'), 'FROM busybox:1\nCOPY 0.bin /ctx/\n');
      const before = process.memoryUsage().rss;
      let most = 0;
      const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
      await build({ context: folder.path }).finally(() => clearInterval(watching));
      // 320 MiB went by.
      expect(most - before).toBeLessThan(120 * 1024 * 1024);
    });
  },
);
