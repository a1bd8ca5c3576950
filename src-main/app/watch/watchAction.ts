import path from 'node:path';
import type { Hook } from '#compose/project.ts';
import type { SyncFile } from './syncFiles.ts';
import type { TreeChange } from './treeWatch.ts';
import { targetOf, type Watched } from './watchRules.ts';

/** What one batch of changes asks for, decided at once for the whole service. */
export type WatchAction =
  | { readonly type: 'none' }
  | { readonly type: 'rebuild'; readonly changes: number }
  | {
      readonly type: 'sync';
      readonly put: readonly SyncFile[];
      /** Paths in the container. */
      readonly gone: readonly string[];
      readonly restart: boolean;
      readonly exec: readonly Hook[];
      readonly changes: number;
    };

export interface RuleChanges {
  readonly rule: Watched;
  readonly changes: readonly TreeChange[];
}

/** A rebuild makes everything else needless. Source: compose-spec, "Compose Develop Specification". */
export function watchAction(batches: readonly RuleChanges[]): WatchAction {
  const touched = batches.filter(({ changes }) => changes.length > 0);
  const changes = new Set(
    touched.flatMap((batch) => batch.changes.map(({ name }) => path.join(batch.rule.path, name))),
  ).size;
  if (touched.length === 0) return { type: 'none' };
  if (touched.some(({ rule }) => rule.action === 'rebuild')) return { type: 'rebuild', changes };
  const synced = touched.filter(({ rule }) => rule.action.startsWith('sync'));
  return {
    type: 'sync',
    put: synced.flatMap(({ rule, changes: own }) =>
      own
        .filter(({ type }) => type === 'put')
        .map(({ name }) => ({ source: path.join(rule.path, name), target: targetOf(rule, name) })),
    ),
    gone: synced.flatMap(({ rule, changes: own }) => goneTargets(rule, own)),
    restart: touched.some(({ rule }) => rule.action.endsWith('restart')),
    exec: touched.flatMap(({ rule }) => (rule.action === 'sync+exec' && rule.exec ? [rule.exec] : [])),
    changes,
  };
}

/** What is in a folder that has gone goes with it. What has become something else goes first, to come anew. */
function goneTargets(rule: Watched, changes: readonly TreeChange[]): string[] {
  const gone = new Set(changes.filter(({ type }) => type === 'gone').map(({ name }) => name));
  const covered = (name: string) =>
    name
      .split('/')
      .slice(1)
      .some((_, at) =>
        gone.has(
          name
            .split('/')
            .slice(0, at + 1)
            .join('/'),
        ),
      );
  return [...gone].filter((name) => !covered(name)).map((name) => targetOf(rule, name));
}

/** The action in words, for the row. */
export function describeAction(action: WatchAction): string {
  switch (action.type) {
    case 'none':
      return 'nothing to do';
    case 'rebuild':
      return `rebuilt after ${count(action.changes, 'change')}`;
    case 'sync': {
      const synced = action.put.length + action.gone.length;
      const words = [
        ...(synced > 0 ? [`synced ${count(synced, 'path')}`] : []),
        ...(action.restart ? ['restarted'] : []),
        ...(action.exec.length > 0 ? ['ran its command'] : []),
      ];
      return words.join(', ');
    }
  }
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
