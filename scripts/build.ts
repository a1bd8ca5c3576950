import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  readonly name: 'renderer' | 'electron' | 'preload' | 'cli';
  /** Globs of what it is made from. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly config: InlineConfig;
}

const SHARED = ['package.json', 'package-lock.json', 'scripts/build.ts'];
const MAIN = ['src-main/**/*.ts'];

export const PARTS: readonly Part[] = [
  {
    name: 'renderer',
    inputs: [...SHARED, 'vite.config.ts', 'src-renderer/**/*', 'src-main/contract/**', 'src-main/base/**'],
    output: 'dist/renderer/index.html',
    config: { configFile: path.join(ROOT, 'vite.config.ts'), root: path.join(ROOT, 'src-renderer') },
  },
  {
    name: 'electron',
    inputs: [...SHARED, ...MAIN],
    output: 'dist/electron/main.js',
    config: nodeBundle('src-main/electron/main.ts', 'dist/electron', 'main.js'),
  },
  {
    name: 'preload',
    inputs: [...SHARED, 'src-main/electron/preload.ts', 'src-main/contract/bridge.ts'],
    output: 'dist/electron/preload.cjs',
    config: preloadBundle(),
  },
  {
    name: 'cli',
    inputs: [...SHARED, ...MAIN],
    output: 'dist/cli/main.js',
    config: nodeBundle('src-main/cli/main.ts', 'dist/cli', 'main.js'),
  },
];

/** One ES module with every dependency inside, so that an installed app needs no node_modules. */
function nodeBundle(entry: string, folder: string, file: string): InlineConfig {
  return {
    configFile: false,
    root: ROOT,
    // ssh2 tries its native accelerators and does without; nothing of them is compiled or shipped.
    ssr: { noExternal: true, external: ['electron', 'cpu-features'], target: 'node' },
    resolve: { conditions: ['node', 'import', 'default'] },
    plugins: [withoutNativeAddons()],
    build: {
      ssr: path.join(ROOT, entry),
      outDir: path.join(ROOT, folder),
      emptyOutDir: false,
      target: NODE_TARGET,
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        output: { format: 'es', entryFileNames: file, codeSplitting: false, banner: COMMON_JS_NAMES },
      },
    },
  };
}

/** A sandboxed preload is one CommonJS file and sees nothing but `electron`. */
function preloadBundle(): InlineConfig {
  const base = nodeBundle('src-main/electron/preload.ts', 'dist/electron', 'preload.cjs');
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

/** Builds the named parts, or all of them. Resolves with those that had to be built. */
export async function buildParts(
  names: readonly Part['name'][] = PARTS.map((part) => part.name),
): Promise<string[]> {
  const built: string[] = [];
  for (const part of PARTS.filter((entry) => names.includes(entry.name))) {
    const stamp = hashInputs(part);
    if (isFresh(part, stamp)) continue;
    await build({ ...part.config, logLevel: 'warn' });
    mkdirSync(STAMPS, { recursive: true });
    writeFileSync(stampFile(part), stamp);
    built.push(part.name);
  }
  return built;
}

function isFresh(part: Part, stamp: string): boolean {
  if (!existsSync(path.join(ROOT, part.output)) || !existsSync(stampFile(part))) return false;
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
