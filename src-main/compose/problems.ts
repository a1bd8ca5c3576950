import type { AppError, Position } from '#contract/errors.ts';
import type { LoadWarning, MissingVariable } from './project.ts';
import { type Place, positionOf } from './yaml/nodes.ts';

/** No file is helped by more errors than this; the rest is counted. */
const ERROR_LIMIT = 100;

export interface Complaint {
  readonly message: string;
  readonly path?: string | undefined;
  readonly place?: Place | undefined;
  readonly expected?: string | undefined;
  /** A name that may have been meant; looked for only when the complaint is kept. */
  readonly suggestion?: (() => string | undefined) | undefined;
  readonly hint?: string | undefined;
  /** A file that is not there. */
  readonly missingFile?: string | undefined;
}

/** What the stages of a load find wrong: errors go on being collected, so that one load shows all of them. */
export class Problems {
  readonly #errors = new Map<string, AppError>();
  readonly #said = new Set<string>();
  readonly #warnings = new Map<string, LoadWarning>();
  readonly #missing = new Map<string, MissingVariable>();
  #dropped = 0;

  get hasErrors(): boolean {
    return this.#errors.size > 0 || this.#missing.size > 0;
  }

  /** Records a `compose.invalid`. Of several complaints about one place the first stands: the others follow from it. */
  invalid(complaint: Complaint): void {
    if (this.#errors.size >= ERROR_LIMIT) {
      this.#dropped += 1;
      return;
    }
    const { place, path, expected, hint, missingFile } = complaint;
    const at = place && positionOf(place);
    const where = at ? `${fileName(at.file)}:${at.line}:${at.column}: ` : '';
    const suggestion = complaint.suggestion?.();
    const said = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
    const key = at && path !== undefined ? `${at.file}|${at.line}|${at.column}|${path}` : undefined;
    this.#record(key, {
      kind: 'compose.invalid',
      message: `${where}${complaint.message}${said}`,
      ...(at && { at }),
      ...(path !== undefined && { path }),
      ...(expected !== undefined && { expected }),
      ...(suggestion !== undefined && { suggestion }),
      ...(hint !== undefined && { hint }),
      ...(missingFile !== undefined && { missingFile }),
    });
  }

  /** Records services that wait for each other; the first is repeated at the end. */
  cycle(services: readonly string[], place: Place | undefined): void {
    const at = place && positionOf(place);
    this.add({
      kind: 'compose.cycle',
      message: `Services wait for each other in a circle: ${services.join(' → ')}.`,
      services,
      ...(at && { at }),
    });
  }

  add(error: AppError): void {
    this.#record(undefined, error);
  }

  #record(place: string | undefined, error: AppError): void {
    const key = place ?? error.message;
    // What is merged into several places is wrong only once: where it stands.
    if (this.#errors.has(key) || this.#said.has(error.message)) return;
    this.#said.add(error.message);
    if (this.#errors.size >= ERROR_LIMIT) this.#dropped += 1;
    else this.#errors.set(key, error);
  }

  /** Whether something at or below a path in the document is wrong already. */
  concern(path: string): boolean {
    for (const error of this.#errors.values())
      if (error.kind === 'compose.invalid' && (error.path === path || error.path?.startsWith(`${path}.`)))
        return true;
    return false;
  }

  warn(warning: Omit<LoadWarning, 'position'>, place?: Place): void {
    const key = `${warning.kind}|${warning.message}`;
    if (this.#warnings.has(key)) return;
    this.#warnings.set(key, { ...warning, ...(place && { position: positionOf(place) }) });
  }

  /** Records a variable that must be set, by its first use. */
  missing(variable: { name: string; reason: string; path: string }, place: Place): void {
    if (this.#missing.has(variable.name)) return;
    this.#missing.set(variable.name, { ...variable, position: positionOf(place) });
  }

  get warnings(): LoadWarning[] {
    return [...this.#warnings.values()];
  }

  get missingVariables(): MissingVariable[] {
    return [...this.#missing.values()];
  }

  /** All errors, by file and line; missing variables as one error of their own. */
  get errors(): AppError[] {
    const errors = [...this.#errors.values(), ...this.#missingError()].sort(byPosition);
    if (this.#dropped > 0)
      errors.push({ kind: 'compose.invalid', message: `… and ${this.#dropped} more errors.` });
    return errors;
  }

  #missingError(): AppError[] {
    const [first, ...more] = this.#missing.values();
    if (first === undefined) return [];
    const variables = [first, ...more].map(({ name }) => name);
    const reason = more.length === 0 && first.reason !== '' ? `: ${first.reason}` : '';
    return [
      {
        kind: 'compose.variable',
        message: `${variables.length === 1 ? 'The variable' : 'The variables'} ${variables.join(', ')} must be set${reason}.`,
        variables,
        at: first.position,
      },
    ];
  }
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function byPosition(a: AppError, b: AppError): number {
  const [left, right] = [placeOf(a), placeOf(b)];
  if (left === undefined || right === undefined)
    return (left === undefined ? 1 : 0) - (right === undefined ? 1 : 0);
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}

function placeOf(error: AppError): Position | undefined {
  return 'at' in error ? error.at : undefined;
}
