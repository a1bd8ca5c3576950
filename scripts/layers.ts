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
    // What this machine's disk holds, and hears of.
    disk: { imports: ['contract', 'base'] },
    compose: { imports: ['contract', 'base'] },
    plan: { imports: ['compose', 'engine/bodies', 'contract', 'base'] },
    engine: { imports: ['contract', 'base'] },
    // The engine's request bodies as plain data: what a plan asks for, without the engine that does it.
    'engine/bodies': { imports: [] },
    'engine/dockerode': { imports: ['engine', 'contract', 'base'], packages: ['dockerode', 'docker-modem'] },
    run: { imports: ['engine', 'plan', 'compose', 'contract', 'base'] },
    middleware: { imports: ['engine', 'plan', 'compose', 'contract', 'base'] },
    streams: { imports: ['engine', 'plan', 'compose', 'disk', 'contract', 'base'] },
    images: { imports: ['engine', 'plan', 'compose', 'contract', 'base'] },
    app: {
      imports: [
        'run',
        'middleware',
        'streams',
        'images',
        'engine',
        'plan',
        'compose',
        'disk',
        'contract',
        'base',
      ],
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
const FOR_TESTS = ['support', 'disk'];

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
    if (name === 'engine/bodies.ts' && layerOf(entry.file) === 'plan') return { layer: 'engine/bodies' };
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
  const target = resolveTarget(entry);
  return 'layer' in target
    ? wrongLayer(entry, from, target.layer)
    : wrongPackage(entry, from, target.package);
}

function wrongLayer(entry: Import, from: string, to: string): string | undefined {
  if (to === from) {
    return entry.target.startsWith('#') ? 'within a layer, import by relative path' : undefined;
  }
  // A nested layer (engine/dockerode) reaches its parent by relative path, the window (src-renderer itself) all below it.
  const relative = from === 'window' || from.startsWith(`${to}/`);
  if (entry.target.startsWith('.') && !relative) return `across layers, import through #${to}/…`;
  const allowed = LAYERS[from]?.imports ?? [];
  if (allowed.includes(to) || (isTest(entry.file) && FOR_TESTS.includes(to))) return undefined;
  return `${from} may not import ${to} (only: ${allowed.join(', ') || 'nothing'})`;
}

function wrongPackage(entry: Import, from: string, name: string): string | undefined {
  if (PURE.has(from) && !isTest(entry.file) && name.startsWith('node:')) return `${from} is pure: no ${name}`;
  const owner = Object.entries(LAYERS).find(([, rule]) => packageIsFor(rule.packages, name));
  return owner && owner[0] !== from ? `${name} may only be imported in ${owner[0]}` : undefined;
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file);
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
