import type { Clock } from '#base/clock.ts';
import { AppFailure } from '#contract/errors.ts';
import type { RunId } from '#contract/ids.ts';
import type { Engine } from '#engine/engine.ts';
import type { ProjectSource } from '../projectSource.ts';
import type { Stack } from '../stack.ts';

/** What a fix works on. */
export interface FixContext {
  readonly source: ProjectSource;
  readonly stack: Stack;
  readonly clock: Clock;
  /** Throws `engine.*` while there is no engine. */
  engine(): Engine;
}

export interface FixRequest {
  readonly service: string;
  /** `kind` or `kind:argument`, as the card had it. */
  readonly fix: string;
  readonly values?: Readonly<Record<string, string>> | undefined;
  readonly consents?: readonly string[] | undefined;
}

/** One button's work: the service whose card it stood on, and what stood behind the colon. */
export interface Asked {
  readonly service: string;
  readonly argument: string;
  readonly values: Readonly<Record<string, string>>;
  readonly consents: readonly string[];
}

export type Started = { readonly run: RunId };

/** Mends what is wrong. What it returns says how the boot after it differs from the plain one. */
export type Fix = (context: FixContext, asked: Asked) => Promise<BootAfter>;

export interface BootAfter {
  readonly services?: readonly string[] | undefined;
  readonly build?: boolean | undefined;
}

/** Nothing of the user's is touched, stopped or removed before it has been named and agreed to. Throws `data.consentRequired`. */
export function requireConsentTo(
  things: readonly string[],
  asked: Asked,
  said: { readonly message: string; readonly hint?: string | undefined },
): void {
  const missing = things.filter((thing) => !asked.consents.includes(thing));
  if (missing.length > 0) throw new AppFailure({ kind: 'data.consentRequired', missing, ...said });
}
