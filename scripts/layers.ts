import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'vite';

/**
 * Who may import whom. A folder that is not named here may not exist in src-main or src-renderer.
 * `packages`: third-party packages that only this layer may import.
 */
const LAYERS: Record<string, { readonly imports: readonly string[]; readonly packages?: readonly string[] }> =
  {
    contract: { imports: [] },
    base: { imports: [] },
    compose: { imports: ['contract', 'base'] },
    plan: { imports: ['compose', 'contract', 'base'] },
    engine: { imports: ['contract', 'base'] },
    'engine/dockerode': { imports: ['engine', 'contract', 'base'], packages: ['dockerode', 'docker-modem'] },
    run: { imports: ['engine', 'plan', 'compose', 'contract', 'base'] },
    middleware: { imports: ['engine', 'plan', 'compose', 'contract', 'base'] },
    streams: { imports: ['engine', 'plan', 'compose', 'contract', 'base'] },
    images: { imports: ['engine', 'plan', 'compose', 'contract', 'base'] },
    app: {
      imports: ['run', 'middleware', 'streams', 'images', 'engine', 'plan', 'compose', 'contract', 'base'],
    },
    serve: { imports: ['contract', 'base'] },
    electron: {
      imports: ['app', 'serve', 'engine/dockerode', 'engine', 'contract', 'base'],
      packages: ['electron'],
    },
    web: { imports: ['app', 'serve', 'engine/dockerode', 'engine', 'contract', 'base'] },
    cli: { imports: ['app', 'serve', 'web', 'engine/dockerode', 'engine', 'contract', 'base'] },
    client: { imports: ['contract', 'base'] },
    state: { imports: ['client', 'contract', 'base'] },
    panes: { imports: ['client', 'state', 'ui', 'contract', 'base'], packages: ['@xterm/*'] },
    features: { imports: ['client', 'state', 'panes', 'ui', 'contract', 'base'] },
    ui: { imports: [] },
    window: { imports: ['client', 'state', 'panes', 'features', 'ui', 'contract', 'base'] },
  };

/** The layers that decide: they may use no Node module at all. */
const PURE = new Set(['contract', 'base', 'compose', 'plan']);

/** What only the tests of a layer may reach for, beside what the layer itself may. */
const FOR_TESTS = ['support'];

const ROOTS = ['src-main', 'src-renderer'];

interface Import {
  readonly file: string;
  readonly line: number;
  readonly target: string;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const module = parseSync(file, text).module;
  const line = (offset: number) => text.slice(0, offset).split('\n').length;
  const found: Import[] = [];
  for (const entry of module.staticImports) {
    found.push({ file, line: line(entry.start), target: entry.moduleRequest.value });
  }
  for (const entry of module.staticExports) {
    const request = entry.entries[0]?.moduleRequest;
    if (request) found.push({ file, line: line(entry.start), target: request.value });
  }
  for (const entry of module.dynamicImports) {
    const target = text.slice(entry.moduleRequest.start + 1, entry.moduleRequest.end - 1);
    found.push({ file, line: line(entry.start), target });
  }
  return found;
}

/** The layer of a path below a root; files directly in src-renderer are the window that mounts everything. */
function layerOf(file: string): string {
  const [root, first, second, third] = file.split(path.sep);
  if (root === 'test') return 'support';
  if (second === undefined) return 'window';
  if (first === 'engine' && second === 'dockerode' && third !== undefined) return 'engine/dockerode';
  return first ?? '';
}

function resolveTarget(entry: Import): { layer: string } | { package: string } {
  if (entry.target.startsWith('.'))
    return { layer: layerOf(path.normalize(path.join(path.dirname(entry.file), entry.target))) };
  if (entry.target.startsWith('#')) {
    const name = entry.target.slice(1);
    if (name.startsWith('engine/dockerode/')) return { layer: 'engine/dockerode' };
    return { layer: name.split('/')[0] ?? '' };
  }
  const parts = entry.target.split('/');
  return { package: entry.target.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '') };
}

function packageIsFor(owner: readonly string[] | undefined, name: string): boolean {
  return (owner ?? []).some(
    (rule) => rule === name || (rule.endsWith('/*') && name.startsWith(rule.slice(0, -1))),
  );
}

function complaint(entry: Import): string | undefined {
  const from = layerOf(entry.file);
  const layer = LAYERS[from];
  if (layer === undefined) return `"${from}" is no layer: name it in scripts/layers.ts or move the file`;
  const isTest = /\.test\.tsx?$/.test(entry.file);
  const target = resolveTarget(entry);
  if ('layer' in target) {
    const within = target.layer === from;
    if (within && entry.target.startsWith('#')) return 'within a layer, import by relative path';
    if (!within && entry.target.startsWith('.')) return `across layers, import through #${target.layer}/…`;
    if (within || layer.imports.includes(target.layer)) return undefined;
    if (isTest && FOR_TESTS.includes(target.layer)) return undefined;
    return `${from} may not import ${target.layer} (only: ${layer.imports.join(', ') || 'nothing'})`;
  }
  if (PURE.has(from) && !isTest && target.package.startsWith('node:'))
    return `${from} is pure: no ${target.package}`;
  const owner = Object.entries(LAYERS).find(([, rule]) => packageIsFor(rule.packages, target.package));
  if (owner && owner[0] !== from) return `${target.package} may only be imported in ${owner[0]}`;
  return undefined;
}

/** Two features never import each other: what both need moves down a layer. */
function crossFeature(entry: Import): string | undefined {
  if (layerOf(entry.file) !== 'features' || !entry.target.startsWith('.')) return undefined;
  const target = path.normalize(path.join(path.dirname(entry.file), entry.target));
  const feature = (file: string) => file.split(path.sep)[2];
  if (target.split(path.sep)[1] !== 'features' || feature(target) === feature(entry.file)) return undefined;
  return `feature ${feature(entry.file)} imports feature ${feature(target)}`;
}

const imports = ROOTS.flatMap((root) => sources(root)).flatMap((file) => importsOf(file));
const complaints = imports.flatMap((entry) => {
  const text = complaint(entry) ?? crossFeature(entry);
  return text === undefined ? [] : [`${entry.file}:${entry.line}: "${entry.target}": ${text}`];
});
for (const line of complaints) console.error(line);
console.log(`layers: ${imports.length} imports checked, ${complaints.length} wrong`);
process.exit(complaints.length === 0 ? 0 : 1);
