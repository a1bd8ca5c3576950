/** Paths without Node: POSIX, and Windows where the base is a Windows path. */

const WINDOWS_ABSOLUTE = /^(?:[A-Za-z]:[\\/]|\\\\)/;

export function isWindowsAbsolute(path: string): boolean {
  return WINDOWS_ABSOLUTE.test(path);
}

/** Absolute on either kind of system: a file written on one may be read on the other. */
export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || isWindowsAbsolute(path);
}

/** `.` and `..` resolved, separators single, none at the end. The empty path is `.`. */
export function cleanPath(path: string): string {
  return isWindowsAbsolute(path) ? cleanWindows(path) : cleanPosix(path);
}

/** The same for a path inside a container, where a colon and a backslash are letters. */
export function cleanPosix(path: string): string {
  const rooted = path.startsWith('/');
  const kept = reduce(path.split('/'), rooted);
  if (rooted) return `/${kept.join('/')}`;
  return kept.length === 0 ? '.' : kept.join('/');
}

function cleanWindows(path: string): string {
  const root = /^(?:[A-Za-z]:|\\\\[^\\/]+[\\/]+[^\\/]+)/.exec(path)?.[0] ?? '';
  return `${root}\\${reduce(path.slice(root.length).split(/[\\/]/), true).join('\\')}`;
}

function reduce(parts: readonly string[], rooted: boolean): string[] {
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept[kept.length - 1] !== '..') kept.pop();
    else if (!rooted) kept.push(part);
  }
  return kept;
}

export function joinPath(base: string, path: string): string {
  if (base === '') return cleanPath(path);
  return cleanPath(isWindowsAbsolute(base) ? `${base}\\${path}` : `${base}/${path}`);
}

/** `path` as it stands when absolute, else below `base`. */
export function resolvePath(base: string, path: string): string {
  return isAbsolute(path) ? cleanPath(path) : joinPath(base, path);
}

export function dirname(path: string): string {
  const windows = isWindowsAbsolute(path);
  const at = windows ? Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) : path.lastIndexOf('/');
  if (at < 0) return '.';
  return cleanPath(path.slice(0, at + 1));
}

export function basename(path: string): string {
  return (
    cleanPath(path)
      .split(isWindowsAbsolute(path) ? '\\' : '/')
      .pop() ?? ''
  );
}

/** `~` and `~/x` in the user's home, when the environment knows it. */
export function expandHome(path: string, home: string | undefined): string {
  return path.startsWith('~') && home !== undefined && home !== '' ? joinPath(home, path.slice(1)) : path;
}
