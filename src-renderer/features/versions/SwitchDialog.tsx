import './versions.css';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { describeAgo, describeBytes, describeDuration, describeError } from '#contract/describe.ts';
import type { SwitchPlanView, VersionMenu, VersionOffer } from '#contract/requests/versions.ts';
import { attempt } from '#state/actions.ts';
import { useNow, useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { isAnswered, useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { cx } from '#ui/cx.ts';
import { Dialog } from '#ui/Dialog.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { Field } from '#ui/Field.tsx';
import { lastLeft } from './lastLeft.ts';
import { matchingTags } from './matchingTags.ts';
import { monthOf } from './monthOf.ts';

type Choice = 'carry' | 'resume' | 'fresh';

/** Which version, what becomes of the data, and what exactly will happen: all before anything does. */
export function SwitchDialog({ workspace, service, input, onClose }: DialogProps) {
  const model = useWindow();
  const { client } = model;
  const [chosen, setTo] = useState<string | undefined>(input?.['to']);
  const [data, setData] = useState<Choice>();
  const menu = useAsked(
    (signal) => client.versions.menu({ workspace, service: service ?? '' }, { signal }),
    `${workspace}/${service}`,
  );
  // After a switch the way back stands ready.
  const to = chosen ?? lastLeft(menu.value)?.tag;
  const plan = useAsked(
    to === undefined
      ? undefined
      : (signal) => client.versions.plan({ workspace, service: service ?? '', to, data }, { signal }),
    `${workspace}/${service}/${to}/${data}`,
  );
  if (!service) return null;
  const choose = (tag: string) => {
    setTo(tag);
    setData(undefined);
  };
  const run = () => {
    if (to === undefined || !isAnswered(plan)) return;
    void attempt(model, `Switching ${service}`, client.versions.switch({ workspace, service, to, data }));
    onClose();
  };
  return (
    <Dialog
      title={`Switch ${service}`}
      about={aboutMenu(menu.value)}
      width="wide"
      flush
      onClose={onClose}
      end={
        <>
          <span className="dim cut">
            {plan.value?.undo ?? 'The data in use is never written by another version.'}
          </span>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button emphasis="primary" disabled={!isAnswered(plan)} onClick={run}>
            {to === undefined ? 'Switch' : `Switch to ${to}`}
          </Button>
        </>
      }
    >
      <div className="switch">
        <Versions
          menu={menu.value}
          failure={menu.failure && describeError(menu.failure)}
          chosen={to}
          onChoose={choose}
        />
        <div className={cx('switch-choice', plan.answers === 'earlier' && 'outdated')}>
          {plan.failure && (
            <ErrorCard title="This switch cannot be made">{<p>{describeError(plan.failure)}</p>}</ErrorCard>
          )}
          {!to && <p className="faint switch-hint">Choose a version to see what a switch would do.</p>}
          {plan.value && <Plan plan={plan.value} onChoose={setData} />}
        </div>
      </div>
    </Dialog>
  );
}

function aboutMenu(menu: VersionMenu | undefined): string {
  if (!menu) return 'asking the registry…';
  const size = menu.dataBytes === undefined ? '' : `, ${describeBytes(menu.dataBytes)} of data`;
  return `${menu.current ?? menu.image} now${size}`;
}

interface VersionsProps {
  readonly menu: VersionMenu | undefined;
  readonly failure: string | undefined;
  readonly chosen: string | undefined;
  readonly onChoose: (tag: string) => void;
}

function Versions({ menu, failure, chosen, onChoose }: VersionsProps) {
  const [search, setSearch] = useState('');
  const offers = menu ? matchingTags(menu, search) : [];
  const folded = menu ? menu.allTags.length - menu.offers.length : 0;
  return (
    <div className="switch-versions">
      <Field
        label="Version, tag or digest"
        icon={Search}
        value={search}
        autoFocus
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || search.trim() === '') return;
          event.preventDefault();
          onChoose(offers[0]?.tag ?? search.trim());
        }}
      />
      <div className="switch-list" role="listbox" aria-label="Versions" aria-busy={!menu && !failure}>
        {offers.map((offer) => (
          <Offer key={offer.tag} offer={offer} chosen={offer.tag === chosen} onChoose={onChoose} />
        ))}
      </div>
      {failure && <p className="tone-fail switch-note">{failure}</p>}
      {menu?.offline && <p className="faint switch-note">Without the registry’s list: {menu.offline}</p>}
      {search === '' && folded > 0 && (
        <p className="faint switch-note">{folded} more tags, variants folded</p>
      )}
      {search !== '' && offers.length === 0 && menu && (
        <p className="faint switch-note">Enter takes it as it is: a tag, an image or a digest.</p>
      )}
    </div>
  );
}

interface OfferProps {
  readonly offer: VersionOffer;
  readonly chosen: boolean;
  readonly onChoose: (tag: string) => void;
}

function Offer({ offer, chosen, onChoose }: OfferProps) {
  const now = useNow();
  return (
    <button
      type="button"
      role="option"
      aria-selected={chosen}
      className={cx('switch-offer', chosen && 'chosen')}
      disabled={offer.inUse}
      onClick={() => onChoose(offer.tag)}
    >
      <b className="cut">{offer.tag}</b>
      <span className="cut">
        {remarks(offer, now).map((remark, index) => (
          <span key={remark.text} className={remark.className}>
            {index > 0 && ' · '}
            {remark.text}
          </span>
        ))}
      </span>
    </button>
  );
}

interface Remark {
  readonly text: string;
  readonly className: string;
}

/** The most telling first: a row has room for two. */
function remarks(offer: VersionOffer, now: number): readonly Remark[] {
  const found: Remark[] = [];
  if (offer.inUse) found.push({ text: 'in use', className: 'tone-ok' });
  if (offer.production) found.push({ text: 'production', className: 'tone-info' });
  if (offer.lane && !offer.inUse) {
    const { bytes, usedAt } = offer.lane;
    const size = bytes === undefined ? 'data' : describeBytes(bytes);
    found.push({ text: `${size} from ${describeAgo(now - usedAt)}`, className: 'dim' });
  }
  if (offer.endOfLife && Date.parse(offer.endOfLife) < now + SOON_MS) {
    found.push({ text: `end of life ${monthOf(offer.endOfLife)}`, className: 'faint' });
  }
  if (!offer.inUse && !offer.lane) found.push({ text: whereOf(offer, found.length > 0), className: 'dim' });
  return found.slice(0, 2);
}

/** Beside another remark there is room for a word. */
function whereOf({ onMachine }: VersionOffer, short: boolean): string {
  if (short) return onMachine ? 'here' : 'to pull';
  return onMachine ? 'on this machine' : 'not on this machine';
}

/** An end of life is worth a word when it is this near. */
const SOON_MS = 180 * 24 * 60 * 60 * 1000;

/** An estimate says no tenths. */
function roundUp(ms: number): number {
  return Math.ceil(ms / 1000) * 1000;
}

interface PlanProps {
  readonly plan: SwitchPlanView;
  readonly onChoose: (data: Choice) => void;
}

function Plan({ plan, onChoose }: PlanProps) {
  return (
    <>
      <div role="radiogroup" aria-label="What becomes of the data" className="switch-data">
        {plan.choices.map((choice) => (
          <label key={choice.data} className={cx('switch-radio', choice.data === plan.data && 'chosen')}>
            <input
              type="radio"
              name="data"
              checked={choice.data === plan.data}
              onChange={() => onChoose(choice.data)}
            />
            <b>
              {choice.title}
              {choice.ms !== undefined && <time>about {describeDuration(roundUp(choice.ms))}</time>}
            </b>
            <p>{choice.explanation}</p>
          </label>
        ))}
      </div>
      <ol className="switch-steps selectable">
        {plan.steps.map((step) => (
          <li key={step.label} title={step.cause}>
            {step.label}
          </li>
        ))}
      </ol>
      {plan.notes.map((note) => (
        <p key={note} className="faint switch-note">
          {note}
        </p>
      ))}
    </>
  );
}
