import path from 'node:path';
import type { Hook, Service, WatchRule } from '#compose/project.ts';
import { IgnoreRules } from '#images/build/ignoreRules.ts';

/** A rule of `develop.watch`, ready to be asked. Paths are absolute. */
export interface Watched {
  readonly path: string;
  readonly action: WatchRule['action'];
  /** Where in the container what is synced goes. */
  readonly target: string | undefined;
  readonly exec: Hook | undefined;
  readonly initialSync: boolean;
  /** Whether a path below `path` (relative, with `/`) is left out. */
  readonly ignores: (name: string) => boolean;
}

/** Never of interest, and large: docker compose leaves out the same. Editors' own files end in `~` or begin with `.#`. */
const NEVER = [
  '**/.git',
  '**/.DS_Store',
  '**/*~',
  '**/.#*',
  '**/*.swp',
  '**/*.swx',
  '**/4913',
  '**/___jb_tmp___',
];

/** What would be watched for a service without rules of its own: its build context, which is rebuilt. */
export function offeredRules(service: Service): readonly WatchRule[] {
  const context = service.build?.context;
  if (context === undefined || !path.isAbsolute(context)) return [];
  return [{ path: context, action: 'rebuild', exec: { command: null } }];
}

/** The service's own rules, or what is offered. `dockerignore`: text of the ignore file of its build. */
export function watchedOf(service: Service, dockerignore: readonly string[]): readonly Watched[] {
  const own = service.develop?.watch ?? [];
  return (own.length > 0 ? own : offeredRules(service)).map((rule) => watched(rule, service, dockerignore));
}

function watched(rule: WatchRule, service: Service, dockerignore: readonly string[]): Watched {
  const context = service.build?.context;
  // What a build leaves out changes nothing in the image.
  const built =
    context !== undefined && path.resolve(rule.path) === path.resolve(context) ? dockerignore : [];
  const out = new IgnoreRules([...NEVER, ...built, ...(rule.ignore ?? [])]);
  const only = rule.include?.length ? new IgnoreRules(rule.include) : undefined;
  return {
    path: path.resolve(rule.path),
    action: rule.action,
    target: rule.target,
    exec: rule.exec.command === null ? undefined : rule.exec,
    initialSync: rule.initial_sync === true,
    ignores: (name) => isOut(out, name) || (only !== undefined && !isOut(only, name)),
  };
}

/** Also where a folder on the way is named. */
function isOut(rules: IgnoreRules, name: string): boolean {
  const parts = name.split('/');
  let results: readonly boolean[] | undefined;
  let out = false;
  for (const [at] of parts.entries()) {
    const judged = rules.judge(parts.slice(0, at + 1).join('/'), results);
    results = judged.results;
    out = judged.ignored;
  }
  return out;
}

/** Where a changed file goes in the container: `target` and its path below the rule's. A rule may name a single file. */
export function targetOf(rule: Pick<Watched, 'path' | 'target'>, name: string): string {
  const target = rule.target ?? '/';
  return name === '' ? target : path.posix.join(target, name);
}
