import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adviseOn } from '#app/builds/adviseOn.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import type { Engine } from '#engine/engine.ts';
import { buildImage } from '#images/build/buildImage.ts';
import { scratchFolder } from '../engine/images/lookAlikes.ts';
import { openPackageServer, type PackageServer } from '../support/packageServer.ts';
import { openTestEngine } from '../support/realEngine.ts';
import { needImages } from '../support/world.ts';

/**
 * The advisor's change with the real package managers: npm, yarn, pnpm, pip and Go fetch a package from a registry of the test's
 * own, with real lock files. After a change of the source alone the install must come from the cache and the program still work.
 */
const run = promisify(execFile);
const PNPM = 'pnpm@9.15.9';
const PNPM_IMAGE = 'slipway-advisor-pnpm:1';

let engine: Engine;
let packages: PackageServer;
beforeAll(async () => {
  await needImages('node:20', 'python:3.11', 'golang:1.19');
  engine = await openTestEngine();
  packages = await openPackageServer();
}, 300_000);
afterAll(async () => {
  if ((await engine.inspectImage(PNPM_IMAGE)) !== undefined)
    await engine.removeImage(PNPM_IMAGE, { force: true });
  await packages[Symbol.asyncDispose]();
  engine.close();
});

interface Tool {
  readonly name: string;
  readonly files: (server: PackageServer) => Readonly<Record<string, string>>;
  readonly source: readonly [file: string, content: (mark: string) => string];
}

const JSON_PACKAGE = JSON.stringify({
  name: 'own',
  version: '1.0.0',
  private: true,
  dependencies: { 'test-dep': '1.0.0' },
});
const node = (mark: string) => `console.log(require('test-dep'), 'source ${mark}');\n`;
const npmLock = ({ url, npm }: PackageServer) =>
  JSON.stringify({
    name: 'own',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'own', version: '1.0.0', dependencies: { 'test-dep': '1.0.0' } },
      'node_modules/test-dep': { version: '1.0.0', resolved: `${url}${npm.path}`, integrity: npm.integrity },
    },
  });

const TOOLS: readonly Tool[] = [
  {
    name: 'npm',
    source: ['main.js', node],
    files: (server) => ({
      'package.json': JSON_PACKAGE,
      'package-lock.json': npmLock(server),
      Dockerfile: `FROM node:20\nENV npm_config_registry=${server.url}/\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN node main.js\n`,
    }),
  },
  {
    name: 'yarn',
    source: ['main.js', node],
    files: (server) => ({
      'package.json': JSON_PACKAGE,
      'yarn.lock': `# yarn lockfile v1\n\n\ntest-dep@1.0.0:\n  version "1.0.0"\n  resolved "${server.url}${server.npm.path}#${server.npm.shasum}"\n  integrity ${server.npm.integrity}\n`,
      Dockerfile: `FROM node:20\nENV npm_config_registry=${server.url}/\nWORKDIR /app\nCOPY . .\nRUN yarn install --frozen-lockfile\nRUN node main.js\n`,
    }),
  },
  {
    name: 'pnpm',
    source: ['main.js', node],
    files: (server) => ({
      'package.json': JSON_PACKAGE,
      'pnpm-lock.yaml': `lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\nimporters:\n\n  .:\n    dependencies:\n      test-dep:\n        specifier: 1.0.0\n        version: 1.0.0\n\npackages:\n\n  test-dep@1.0.0:\n    resolution: {integrity: ${server.npm.integrity}}\n\nsnapshots:\n\n  test-dep@1.0.0: {}\n`,
      Dockerfile: `FROM ${PNPM_IMAGE}\nENV npm_config_registry=${server.url}/\nWORKDIR /app\nCOPY . .\nRUN pnpm install --frozen-lockfile\nRUN node main.js\n`,
    }),
  },
  {
    name: 'pip',
    source: ['main.py', (mark) => `import test_dep\nprint(test_dep.VALUE, 'source ${mark}')\n`],
    files: (server) => ({
      'requirements.txt': 'test-dep==1.0.0\n',
      Dockerfile: `FROM python:3.11\nENV PIP_INDEX_URL=${server.url}/simple/\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nRUN python3 main.py\n`,
    }),
  },
  {
    name: 'go',
    source: [
      'main.go',
      (mark) =>
        `package main\n\nimport (\n\t"fmt"\n\t"dep.example/test"\n)\n\nfunc main() { fmt.Println(test.Value, "source ${mark}") }\n`,
    ],
    files: (server) => ({
      'go.mod': 'module own.example/app\n\ngo 1.19\n\nrequire dep.example/test v1.0.0\n',
      'go.sum': '',
      Dockerfile: `FROM golang:1.19\nENV GOPROXY=${server.url}/go GONOSUMDB=* GONOSUMCHECK=1 GOFLAGS=-mod=mod\nWORKDIR /app\nCOPY . .\nRUN go mod download\nRUN go run .\n`,
    }),
  },
];

async function built(folder: string, image: string): Promise<BuildView> {
  let last: BuildView | undefined;
  await buildImage(engine, {
    project: {
      name: 'advisor',
      environment: {},
      secrets: {},
      services: {},
      resolvedContent: { secrets: {}, configs: {} },
    },
    service: 'case',
    // The registry listens on this machine's loopback.
    build: { context: folder, network: 'host' },
    image,
    auths: [],
    id: image,
    now: Date.now,
    onView: (view) => (last = view),
  });
  if (last === undefined) throw new Error('the build said nothing');
  return last;
}

/** node:20 with pnpm as npm installs it. */
async function providePnpm(): Promise<void> {
  await using folder = await scratchFolder();
  await run('npm', ['pack', '--silent', PNPM, '--pack-destination', folder.path], { cwd: folder.path });
  const dockerfile =
    'FROM node:20\nCOPY *.tgz /pnpm.tgz\nRUN npm install -g --offline /pnpm.tgz && pnpm --version\n';
  await writeFile(path.join(folder.path, 'Dockerfile'), dockerfile);
  await built(folder.path, PNPM_IMAGE);
}

test.for(TOOLS)('$name: a change of the source must keep the install', { timeout: 300_000 }, async (tool) => {
  if (tool.name === 'pnpm') await providePnpm();
  await using folder = await scratchFolder();
  const at = (name: string) => path.join(folder.path, name);
  const [file, content] = tool.source;
  for (const [name, text] of Object.entries({ ...tool.files(packages), '.dockerignore': 'Dockerfile\n' })) {
    await mkdir(path.dirname(at(name)), { recursive: true });
    await writeFile(at(name), text);
  }
  await writeFile(at(file), content('one'));
  const image = `slipway-advisor-tool-${tool.name}`;
  try {
    const [advice] = await adviseOn({ context: folder.path }, { service: 'case' });
    expect(advice?.rule).toBe('late-copy');
    await writeFile(at('Dockerfile'), advice?.change?.text ?? '');
    await built(folder.path, image);
    await writeFile(at(file), content('two'));
    const { steps } = await built(folder.path, image);
    const lines = (await readFile(at('Dockerfile'), 'utf8')).split('\n');
    const install = lines.findIndex((line) => line.startsWith('RUN')) + 1;
    expect(steps.find(({ line }) => line === install)?.status).toBe('cached');
    expect(steps.map(({ log }) => log).join('')).toContain('dep 1.0.0 source two');
    const left = await adviseOn({ context: folder.path }, { service: 'case' });
    expect(left.map(({ rule }) => rule)).not.toContain('late-copy');
  } finally {
    if ((await engine.inspectImage(image)) !== undefined) await engine.removeImage(image, { force: true });
  }
});
