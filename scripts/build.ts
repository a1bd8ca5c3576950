import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';

/**
 * Builds what is shipped: the window, the desktop app's two scripts, the command line. A part whose inputs did not
 * change since it was built is left alone, so that `npm start` on a built checkout starts at once.
 */
const ROOT = path.resolve(import.meta.dirname, '..');
const STAMPS = path.join(ROOT, 'dist', '.stamps');

/** Electron 33 carries Node 20.18; the command line runs on whatever Node is there. */
const NODE_TARGET = 'node20.18';

/** Dependencies in CommonJS ask for these two, which an ES module has under another name. */
const COMMON_JS_NAMES = 'const __dirname = import.meta.dirname, __filename = import.meta.filename;';

export interface Part {
  readonly name: 'renderer' | 'electron' | 'core' | 'preload' | 'cli';
  /** Globs of what it is made from. */
  readonly inputs: readonly string[];
  readonly folder: string;
  /** What the folder holds when it is built; comes last into its place. */
  readonly main: string;
  /** Does the folder hold this part alone, so that what is not in a new build is old? */
  readonly owns: 'folder' | 'files';
  readonly config: InlineConfig;
}

const SHARED = ['package.json', 'package-lock.json', 'scripts/build.ts'];
const MAIN = ['src-main/**/*.ts'];

/** What the desktop app needs. */
export const DESKTOP_PARTS = ['renderer', 'electron', 'core', 'preload'] as const;

export const PARTS: readonly Part[] = [
  {
    name: 'renderer',
    inputs: [...SHARED, 'vite.config.ts', 'src-renderer/**/*', 'src-main/contract/**', 'src-main/base/**'],
    folder: 'dist/renderer',
    main: 'index.html',
    owns: 'folder',
    config: { configFile: path.join(ROOT, 'vite.config.ts'), root: path.join(ROOT, 'src-renderer') },
  },
  {
    name: 'electron',
    inputs: [...SHARED, ...MAIN],
    folder: 'dist/electron',
    main: 'main.js',
    owns: 'files',
    config: nodeBundle('src-main/electron/main.ts', 'main.js'),
  },
  {
    name: 'core',
    inputs: [...SHARED, ...MAIN],
    folder: 'dist/electron',
    main: 'core.js',
    owns: 'files',
    config: nodeBundle('src-main/electron/core.ts', 'core.js'),
  },
  {
    name: 'preload',
    inputs: [...SHARED, 'src-main/electron/preload.ts', 'src-main/contract/bridge.ts'],
    folder: 'dist/electron',
    main: 'preload.cjs',
    owns: 'files',
    config: preloadBundle(),
  },
  {
    name: 'cli',
    inputs: [...SHARED, ...MAIN],
    folder: 'dist/cli',
    main: 'main.js',
    owns: 'files',
    config: nodeBundle('src-main/cli/main.ts', 'main.js'),
  },
];

/** One ES module with every dependency inside, so that an installed app needs no node_modules. */
export function nodeBundle(entry: string, file: string): InlineConfig {
  return {
    configFile: false,
    root: ROOT,
    ssr: { noExternal: true, external: ['electron', 'cpu-features'], target: 'node' },
    resolve: { conditions: ['node', 'import', 'default'] },
    plugins: [withoutNativeAddons(), withoutSsh()],
    build: {
      ssr: path.join(ROOT, entry),
      target: NODE_TARGET,
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        output: {
          format: 'es',
          entryFileNames: file,
          codeSplitting: false,
          banner: COMMON_JS_NAMES,
          // The text of a program stays in memory with it; names stay, for whoever reads a stack.
          minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
        },
      },
    },
  };
}

/** A sandboxed preload is one CommonJS file and sees nothing but `electron`. */
function preloadBundle(): InlineConfig {
  const base = nodeBundle('src-main/electron/preload.ts', 'preload.cjs');
  const rolldownOptions = {
    output: { format: 'cjs', entryFileNames: 'preload.cjs', codeSplitting: false },
  } as const;
  return { ...base, build: { ...base.build, sourcemap: false, rolldownOptions } };
}

/** `require('./x.node')` inside a dependency: always optional there, and answered as when it was never compiled. */
function withoutNativeAddons() {
  const EMPTY = '\0native-addon';
  return {
    name: 'without-native-addons',
    resolveId: (id: string) => (id.endsWith('.node') ? EMPTY : undefined),
    load: (id: string) => (id === EMPTY ? 'throw new Error("not compiled")' : undefined),
  };
}

/** An engine over ssh is reached by the user's own ssh; docker-modem's, with its cryptography, would be loaded for nothing. */
function withoutSsh() {
  const EMPTY = '\0no-ssh';
  return {
    name: 'without-ssh',
    resolveId: (id: string, importer: string | undefined) =>
      id === './ssh' && importer?.includes('docker-modem') ? EMPTY : undefined,
    load: (id: string) => (id === EMPTY ? 'module.exports = undefined;' : undefined),
  };
}

/** Builds the named parts, or all of them. Resolves with those that had to be built. */
export async function buildParts(
  names: readonly Part['name'][] = PARTS.map((part) => part.name),
): Promise<string[]> {
  const built: string[] = [];
  for (const part of PARTS.filter((entry) => names.includes(entry.name))) {
    const stamp = hashInputs(part);
    if (isFresh(part, stamp)) continue;
    await buildPart(part);
    mkdirSync(STAMPS, { recursive: true });
    writeFileSync(stampFile(part), stamp);
    built.push(part.name);
  }
  return built;
}

/** Beside its place first: a build that fails, or an app that runs meanwhile, finds what was there. */
async function buildPart(part: Part): Promise<void> {
  const fresh = path.join(ROOT, 'dist', `.next-${part.name}-${process.pid}`);
  try {
    const where = { ...part.config.build, outDir: fresh, emptyOutDir: true };
    await build({ ...part.config, build: where, logLevel: 'warn' });
    moveInto(part, fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function moveInto(part: Part, fresh: string): void {
  const target = path.join(ROOT, part.folder);
  const files = filesBelow(fresh).sort(
    (left, right) => Number(left === part.main) - Number(right === part.main),
  );
  for (const file of files) {
    mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
    renameSync(path.join(fresh, file), path.join(target, file));
  }
  if (part.owns === 'files') return;
  for (const old of filesBelow(target).filter((file) => !files.includes(file)))
    rmSync(path.join(target, old));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

function isFresh(part: Part, stamp: string): boolean {
  if (!existsSync(path.join(ROOT, part.folder, part.main)) || !existsSync(stampFile(part))) return false;
  return readFileSync(stampFile(part), 'utf8') === stamp;
}

function stampFile(part: Part): string {
  return path.join(STAMPS, part.name);
}

function hashInputs(part: Part): string {
  const hash = createHash('sha256');
  for (const file of inputFiles(part)) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function inputFiles(part: Part): string[] {
  const found = globSync([...part.inputs], { cwd: ROOT, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = await buildParts();
  console.log(built.length > 0 ? `built: ${built.join(', ')}` : 'built: everything was up to date');
}
