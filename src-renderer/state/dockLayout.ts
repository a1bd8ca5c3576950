import { unreachable } from '#contract/unreachable.ts';

/** What a pane shows. `id` lives as long as the pane does, wherever it is moved. */
export type PaneSpec =
  | {
      readonly id: string;
      readonly type: 'logs';
      readonly services: readonly string[];
      /** What it opens with: only lines before or after a moment, milliseconds since the epoch. */
      readonly span?: { readonly sinceMs?: number; readonly untilMs?: number } | undefined;
    }
  | {
      readonly id: string;
      readonly type: 'terminal';
      readonly service: string;
      readonly kind: 'shell' | 'client' | 'attach';
      /** How a shell is opened, where somebody chose: which one, as whom, where. */
      readonly start?: ShellStart | undefined;
      /** Sessions live in the core: a reloaded window finds its shells again. */
      readonly session?: string | undefined;
    };

/** What is left out is the service's own: the best shell there is, its user, its directory. */
export interface ShellStart {
  readonly shell?: string | undefined;
  readonly user?: string | undefined;
  readonly workingDir?: string | undefined;
}

export interface DockTabs {
  readonly type: 'tabs';
  readonly id: string;
  readonly panes: readonly PaneSpec[];
  readonly active: string | undefined;
}

export interface DockSplit {
  readonly type: 'split';
  readonly id: string;
  readonly direction: 'row' | 'column';
  readonly children: readonly DockNode[];
  /** Percent by child. */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
}

export type DockNode = DockTabs | DockSplit;

/** The panes at the bottom of the window: tabs, in splits. */
export interface DockLayout {
  readonly root: DockNode;
  /** The tabs a new pane goes to. */
  readonly focused: string;
  /** Raised by one with every id given out. */
  readonly nextId: number;
}

/** One pane with the logs of everything. */
export function initialDock(): DockLayout {
  const pane: PaneSpec = { id: 'p1', type: 'logs', services: [] };
  return { root: { type: 'tabs', id: 't2', panes: [pane], active: pane.id }, focused: 't2', nextId: 3 };
}

/** All tabs, left to right, top to bottom. */
export function allTabs(node: DockNode): readonly DockTabs[] {
  return node.type === 'tabs' ? [node] : node.children.flatMap((child) => allTabs(child));
}

export function allPanes(layout: DockLayout): readonly PaneSpec[] {
  return allTabs(layout.root).flatMap((tabs) => tabs.panes);
}

/** The panes in front: those somebody looks at. */
export function visiblePanes(layout: DockLayout): ReadonlySet<string> {
  return new Set(allTabs(layout.root).flatMap((tabs) => tabs.active ?? []));
}

export type NewPane = PaneSpec extends infer P ? (P extends PaneSpec ? Omit<P, 'id'> : never) : never;

/** Opens a pane in the focused tabs; logs of the same services are brought to the front instead. */
export function openPane(layout: DockLayout, pane: NewPane): DockLayout {
  const same = allPanes(layout).find((other) => isSame(other, pane));
  if (same) return activatePane(layout, same.id);
  const spec = { ...pane, id: `p${layout.nextId}` } as PaneSpec;
  const target = allTabs(layout.root).find((tabs) => tabs.id === layout.focused) ?? allTabs(layout.root)[0];
  if (!target) return layout;
  const next = { ...layout, focused: target.id, nextId: layout.nextId + 1 };
  return withTabs(next, target.id, (tabs) => ({ ...tabs, panes: [...tabs.panes, spec], active: spec.id }));
}

function isSame(left: PaneSpec, right: NewPane): boolean {
  if (left.type !== 'logs' || right.type !== 'logs') return false;
  const key = ({ services, span }: { services: readonly string[]; span?: object | undefined }) =>
    `${services.join(' ')} ${JSON.stringify(span ?? {})}`;
  return key(left) === key(right);
}

export function activatePane(layout: DockLayout, pane: string): DockLayout {
  const tabs = tabsOf(layout, pane);
  if (!tabs) return layout;
  if (tabs.active === pane && layout.focused === tabs.id) return layout;
  return withTabs({ ...layout, focused: tabs.id }, tabs.id, (entry) => ({ ...entry, active: pane }));
}

/** What was learned about a pane since it was opened, such as its session. */
export function updatePane(layout: DockLayout, pane: string, change: Partial<PaneSpec>): DockLayout {
  const tabs = tabsOf(layout, pane);
  if (!tabs) return layout;
  return withTabs(layout, tabs.id, (entry) => ({
    ...entry,
    panes: entry.panes.map((spec) => (spec.id === pane ? ({ ...spec, ...change } as PaneSpec) : spec)),
  }));
}

/** Closes a pane; its right neighbour comes to the front, and tabs without panes go unless they are the last. */
export function closePane(layout: DockLayout, pane: string): DockLayout {
  const tabs = tabsOf(layout, pane);
  if (!tabs) return layout;
  const rest = tabs.panes.filter((spec) => spec.id !== pane);
  const index = tabs.panes.findIndex((spec) => spec.id === pane);
  const active = tabs.active === pane ? (rest[index] ?? rest[index - 1])?.id : tabs.active;
  return tidy(withTabs(layout, tabs.id, (entry) => ({ ...entry, panes: rest, active })));
}

/** Moves a pane out of its tabs into new ones beside or below. Alone in its tabs, it gets a twin space to fill. */
export function splitPane(layout: DockLayout, pane: string, direction: 'row' | 'column'): DockLayout {
  const tabs = tabsOf(layout, pane);
  const spec = tabs?.panes.find((entry) => entry.id === pane);
  if (!tabs || !spec || tabs.panes.length < 2) return layout;
  const fresh: DockTabs = { type: 'tabs', id: `t${layout.nextId}`, panes: [spec], active: spec.id };
  const left = closePane(layout, pane);
  const split = (node: DockNode): DockNode => {
    if (node.id !== tabs.id) return node;
    return { type: 'split', id: `s${layout.nextId + 1}`, direction, children: [node, fresh] };
  };
  const root = flatten(mapNodes(left.root, split));
  return { root, focused: fresh.id, nextId: layout.nextId + 2 };
}

/** Moves a pane into other tabs, before the pane at `index`. */
export function movePane(
  layout: DockLayout,
  move: { readonly pane: string; readonly to: string; readonly index: number },
): DockLayout {
  const spec = allPanes(layout).find((entry) => entry.id === move.pane);
  const target = allTabs(layout.root).find((tabs) => tabs.id === move.to);
  if (!spec || !target) return layout;
  const before = target.panes.slice(0, move.index).filter((entry) => entry.id !== move.pane);
  const after = target.panes.slice(move.index).filter((entry) => entry.id !== move.pane);
  const source = tabsOf(layout, move.pane);
  const left =
    source && source.id !== target.id
      ? withTabs(layout, source.id, (tabs) => without(tabs, move.pane))
      : layout;
  const placed = withTabs(left, target.id, (tabs) => ({
    ...tabs,
    panes: [...before, spec, ...after],
    active: spec.id,
  }));
  return tidy({ ...placed, focused: target.id });
}

function without(tabs: DockTabs, pane: string): DockTabs {
  const rest = tabs.panes.filter((entry) => entry.id !== pane);
  return { ...tabs, panes: rest, active: tabs.active === pane ? rest[0]?.id : tabs.active };
}

export function resizeSplit(
  layout: DockLayout,
  split: string,
  sizes: Readonly<Record<string, number>>,
): DockLayout {
  return {
    ...layout,
    root: mapNodes(layout.root, (node) =>
      node.id === split && node.type === 'split' ? { ...node, sizes } : node,
    ),
  };
}

function tabsOf(layout: DockLayout, pane: string): DockTabs | undefined {
  return allTabs(layout.root).find((tabs) => tabs.panes.some((spec) => spec.id === pane));
}

function withTabs(layout: DockLayout, id: string, change: (tabs: DockTabs) => DockTabs): DockLayout {
  const root = mapNodes(layout.root, (node) =>
    node.id === id && node.type === 'tabs' ? change(node) : node,
  );
  return { ...layout, root };
}

function mapNodes(node: DockNode, change: (node: DockNode) => DockNode): DockNode {
  switch (node.type) {
    case 'tabs':
      return change(node);
    case 'split':
      return change({ ...node, children: node.children.map((child) => mapNodes(child, change)) });
    default:
      return unreachable(node);
  }
}

/** No empty tabs but the last, no split of one, no split in a split of the same direction. */
function tidy(layout: DockLayout): DockLayout {
  const root = flatten(layout.root);
  const tabs = allTabs(root);
  const focused = tabs.some((entry) => entry.id === layout.focused) ? layout.focused : (tabs[0]?.id ?? '');
  return { ...layout, root, focused };
}

function flatten(node: DockNode): DockNode {
  if (node.type === 'tabs') return node;
  const children = node.children
    .map((child) => flatten(child))
    .filter((child) => child.type === 'split' || child.panes.length > 0)
    .flatMap((child) =>
      child.type === 'split' && child.direction === node.direction ? child.children : [child],
    );
  const [only] = children;
  if (only === undefined) return firstTabs(node);
  if (children.length === 1) return only;
  const same =
    children.length === node.children.length &&
    children.every((child, index) => child.id === node.children[index]?.id);
  return { ...node, children, sizes: same ? node.sizes : undefined };
}

function firstTabs(node: DockNode): DockTabs {
  const [tabs] = allTabs(node);
  return tabs ?? { type: 'tabs', id: node.id, panes: [], active: undefined };
}
