import { type AppError, AppFailure, cancelled, type EngineObject } from '#contract/errors.ts';
import { textFailure } from './messages.ts';

/** What a request was about, so that its failure can say so. */
export interface About {
  readonly what: EngineObject | 'engine' | 'build';
  /** Id, name or image reference. */
  readonly id: string;
  /** Where the request concerns a registry, the image it was for. */
  readonly image?: string | undefined;
}

/** Anything but these is a failure. 304: it is already in the wanted state. 101: the connection is ours now. */
export function isSuccess(status: number): boolean {
  return status === 101 || status === 304 || (status >= 200 && status < 300);
}

/** The failure behind an answer that is not a success. */
export function failureOfAnswer(status: number, message: string, about: About): AppFailure {
  const cause = new Error(`HTTP ${status}: ${message}`);
  return new AppFailure(textFailure(message, about) ?? errorOfStatus(status, message, about), { cause });
}

/** The failure behind an error that the engine reported inside a stream that had begun well. */
export function failureInStream(message: string, about: About): AppFailure {
  return failureOfAnswer(500, message, about);
}

function errorOfStatus(status: number, message: string, about: About): AppError {
  const said = sentence(message) || `The engine answered with status ${status}.`;
  if (status === 401 || status === 403) return { kind: 'engine.denied', message: said };
  const object = about.what === 'engine' || about.what === 'build' ? undefined : about.what;
  if (status === 404 && about.image !== undefined) {
    return { kind: 'image.notFound', image: about.image, message: said };
  }
  if (status === 404 && object !== undefined) {
    return { kind: 'engine.notFound', what: object, id: about.id, message: said };
  }
  if (status === 409 && object !== undefined) {
    return { kind: 'engine.conflict', what: object, id: about.id, message: said };
  }
  return { kind: 'engine.failed', status, transient: false, message: said };
}

/** The engine's text as a sentence: its first line, capital first, with a full stop. */
export function sentence(message: string): string {
  const line = message.trim();
  if (line === '') return '';
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?]$/.test(line) ? '' : '.'}`;
}

const REASONS: Readonly<Record<string, 'absent' | 'refused' | 'denied'>> = {
  ENOENT: 'absent',
  ENOTFOUND: 'absent',
  EAI_AGAIN: 'absent',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  ENOTSOCK: 'refused',
  EACCES: 'denied',
  EPERM: 'denied',
};

const UNREACHABLE_MESSAGES = {
  absent: 'There is no engine at',
  refused: 'Nothing answers at',
  denied: 'This user may not talk to the engine at',
  lost: 'The connection to the engine was lost:',
} as const;

/** A failure of the connection itself, of whatever kind Node reports; `cancelled` when `signal` was the reason. */
export function failureOfConnection(thrown: unknown, endpoint: string, signal?: AbortSignal): AppFailure {
  if (signal?.aborted) return signal.reason instanceof AppFailure ? signal.reason : cancelled();
  if (thrown instanceof AppFailure) return thrown;
  const code = (thrown as { readonly code?: unknown } | undefined)?.code;
  const reason = (typeof code === 'string' ? REASONS[code] : undefined) ?? 'lost';
  return unreachable(endpoint, reason, thrown);
}

export function unreachable(
  endpoint: string,
  reason: 'absent' | 'refused' | 'denied' | 'lost',
  cause?: unknown,
): AppFailure {
  const message = `${UNREACHABLE_MESSAGES[reason]} ${endpoint}.`;
  return new AppFailure({ kind: 'engine.unreachable', endpoint, reason, message }, { cause });
}

/** A kept connection can die in the moment it is used again; asking once more is right when nothing was changed. */
export function wasReset(thrown: unknown): boolean {
  const code = (thrown as { readonly code?: unknown } | undefined)?.code;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
