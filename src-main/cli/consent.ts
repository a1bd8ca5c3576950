import { AppFailure, isKind } from '#contract/errors.ts';
import { asker, isYes } from './questions.ts';
import type { Session } from './session.ts';
import { asked } from './session.ts';

/**
 * Makes a request; where it wants a consent, asks first, naming what it is about, or takes `--yes` for the answer.
 * Without a terminal to ask on, and with `--json`, the failure that names the missing consents is the answer.
 */
export async function confirmed<T>(
  session: Session,
  options: { readonly yes: boolean },
  request: (consents: readonly string[]) => PromiseLike<T>,
): Promise<T> {
  try {
    return await asked(request([]));
  } catch (thrown) {
    if (!isKind(thrown, 'data.consentRequired')) throw thrown;
    if (!options.yes) await askAbout(session, thrown);
    return asked(request(thrown.error.missing));
  }
}

async function askAbout(session: Session, failure: AppFailure): Promise<void> {
  const ask = asker(session);
  if (ask === undefined) throw failure;
  session.output.note(failure.error.message);
  if (isYes(await ask('Go on? [y/N] '))) return;
  throw new AppFailure({ kind: 'cancelled', message: 'Nothing has been done.' });
}
