import { isKind } from '#contract/errors.ts';
import { attempt } from './actions.ts';
import type { WindowModel } from './windowModel.ts';

/** A question before something that cannot simply be undone. */
export interface Question {
  readonly title: string;
  readonly body: string;
  /** What goes, one by one. */
  readonly list?: readonly string[] | undefined;
  /** The word on the button. */
  readonly action: string;
  readonly look?: 'danger' | undefined;
  readonly run: () => void;
}

/** Asks first. */
export function confirmed(model: WindowModel, question: Question): void {
  model.view.setState({ question });
}

/**
 * Sends a request; when the core wants consents, names what they are for and sends it again with them. The core decides
 * what needs a consent, never the window.
 */
export function withConsent<T>(
  model: WindowModel,
  what: string,
  send: (consents: string[] | undefined) => Promise<T>,
): void {
  send(undefined).catch((thrown: unknown) => {
    if (!isKind(thrown, 'data.consentRequired')) return model.notices.failed(what, thrown);
    const { missing, message, hint } = thrown.error;
    confirmed(model, {
      title: `${what}?`,
      body: [message, hint].filter(Boolean).join(' '),
      list: missing.map(nameOf),
      action: what,
      look: 'danger',
      run: () => void attempt(model, what, send([...missing])),
    });
  });
}

/** What a consent is about: `remove-volume:shop_data` names the volume. */
function nameOf(consent: string): string {
  return consent.slice(consent.indexOf(':') + 1);
}
