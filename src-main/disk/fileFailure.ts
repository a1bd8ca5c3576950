import path from 'node:path';
import { AppFailure } from '#contract/errors.ts';

/** The operating system's word on a file, as a failure that says where and why; anything else comes back as it is. */
export function fileFailure(thrown: unknown, file: string): unknown {
  const options = { cause: thrown };
  switch (errnoOf(thrown)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new AppFailure(
        { kind: 'path.missing', path: file, message: `There is no file ${file}.` },
        options,
      );
    case 'EISDIR':
      return new AppFailure(
        { kind: 'input.invalid', field: 'file', message: `${file} is a folder, not a file.` },
        options,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AppFailure(
        { kind: 'path.denied', path: file, message: `There is no permission to use ${file}.` },
        options,
      );
    case 'ENOSPC':
    case 'EDQUOT': {
      const where = path.dirname(file);
      return new AppFailure(
        { kind: 'disk.full', where, message: `There is no room left to write in ${where}.` },
        options,
      );
    }
    default:
      return thrown;
  }
}

/** The code of a failed call of the operating system, `ENOENT`; undefined for every other error. */
export function errnoOf(thrown: unknown): string | undefined {
  const isErrno = thrown instanceof Error && 'code' in thrown && 'errno' in thrown && 'syscall' in thrown;
  return isErrno ? String(thrown.code) : undefined;
}
