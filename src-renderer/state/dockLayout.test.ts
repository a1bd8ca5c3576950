import { expect, test } from 'vitest';
import {
  activatePane,
  allTabs,
  closePane,
  type DockLayout,
  type DockNode,
  initialDock,
  movePane,
  openPane,
  resizeSplit,
  splitPane,
  visiblePanes,
} from './dockLayout.ts';

/** `row(p1 *p4 | *p3)`: the active pane has a star. */
function drawn(node: DockNode): string {
  if (node.type === 'split') return `${node.direction}(${node.children.map(drawn).join(' | ')})`;
  return node.panes.map((pane) => (pane.id === node.active ? `*${pane.id}` : pane.id)).join(' ');
}

const draw = (layout: DockLayout) => drawn(layout.root);
const logs = (...services: string[]) => ({ type: 'logs', services }) as const;
const shell = (service: string) => ({ type: 'terminal', service, kind: 'shell' }) as const;

test('a new pane comes to the front; logs that are open already are brought there', () => {
  const layout = openPane(openPane(initialDock(), logs('api')), shell('db'));
  expect(draw(layout)).toBe('p1 p3 *p4');
  expect(draw(openPane(layout, logs('api')))).toBe('p1 *p3 p4');
  expect(draw(openPane(layout, logs()))).toBe('*p1 p3 p4');
});

test('two shells of one service are two panes', () => {
  expect(draw(openPane(openPane(initialDock(), shell('db')), shell('db')))).toBe('p1 p3 *p4');
});

test('closing shows the neighbour; the last tabs stay, empty', () => {
  const layout = activatePane(openPane(openPane(initialDock(), logs('a')), logs('b')), 'p3');
  expect(draw(closePane(layout, 'p3'))).toBe('p1 *p4');
  expect(draw(closePane(closePane(layout, 'p4'), 'p3'))).toBe('*p1');
  const empty = closePane(initialDock(), 'p1');
  expect(draw(empty)).toBe('');
  expect(draw(openPane(empty, logs('a')))).toBe('*p3');
});

test('a split moves a pane out, and closing it takes the split away again', () => {
  const two = openPane(initialDock(), logs('a'));
  const split = splitPane(two, 'p3', 'row');
  expect(draw(split)).toBe('row(*p1 | *p3)');
  expect(visiblePanes(split)).toEqual(new Set(['p1', 'p3']));
  expect(draw(closePane(split, 'p3'))).toBe('*p1');
});

test('a pane alone in its tabs cannot be split off', () => {
  expect(draw(splitPane(initialDock(), 'p1', 'row'))).toBe('*p1');
});

test('splits of one direction lie side by side, of two directions in each other', () => {
  const base = openPane(openPane(initialDock(), logs('a')), logs('b'));
  const row = splitPane(base, 'p4', 'row');
  expect(draw(splitPane(row, 'p3', 'row'))).toBe('row(*p1 | *p3 | *p4)');
  expect(draw(splitPane(row, 'p3', 'column'))).toBe('row(column(*p1 | *p3) | *p4)');
});

test('a new pane goes to the focused tabs', () => {
  const split = splitPane(openPane(initialDock(), logs('a')), 'p3', 'row');
  expect(draw(openPane(split, logs('b')))).toBe('row(*p1 | p3 *p6)');
  expect(draw(openPane(activatePane(split, 'p1'), logs('b')))).toBe('row(p1 *p6 | *p3)');
});

test('a pane moves into other tabs and within its own', () => {
  const split = splitPane(openPane(openPane(initialDock(), logs('a')), logs('b')), 'p4', 'row');
  const right = allTabs(split.root)[1]?.id ?? '';
  expect(draw(movePane(split, { pane: 'p3', to: right, index: 0 }))).toBe('row(*p1 | *p3 p4)');
  const left = allTabs(split.root)[0]?.id ?? '';
  expect(draw(movePane(split, { pane: 'p3', to: left, index: 0 }))).toBe('row(*p3 p1 | *p4)');
  expect(draw(movePane(split, { pane: 'p4', to: left, index: 2 }))).toBe('p1 p3 *p4');
});

test('sizes are kept until the split changes', () => {
  const split = splitPane(openPane(initialDock(), logs('a')), 'p3', 'row');
  const sized = resizeSplit(split, split.root.id, { t2: 30, t4: 70 });
  expect(sized.root.type === 'split' && sized.root.sizes).toEqual({ t2: 30, t4: 70 });
  const more = openPane(sized, logs('b'));
  expect(more.root.type === 'split' && more.root.sizes).toEqual({ t2: 30, t4: 70 });
  const third = splitPane(more, 'p6', 'row');
  expect(third.root.type === 'split' && third.root.sizes).toBeUndefined();
});
