import './production.css';
import { useState } from 'react';
import { describeBytes, describeError } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { SwapPlanView } from '#contract/requests/production.ts';
import { attempt } from '#state/actions.ts';
import { useService, useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { isAnswered, useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { cx } from '#ui/cx.ts';
import { Dialog } from '#ui/Dialog.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { Field } from '#ui/Field.tsx';
import { type DebugForm, DebugOptions, NO_DEBUG, Values } from './DebugOptions.tsx';
import { LEASE_MS, SwapBanner } from './SwapBanners.tsx';

interface Lease {
  readonly title: string;
  readonly ms: number | null;
  readonly endOnQuit: boolean;
}

const NORMAL: Lease = { title: '2 h', ms: LEASE_MS, endOnQuit: false };
const LEASES: readonly Lease[] = [
  { title: '30 min', ms: LEASE_MS / 4, endOnQuit: false },
  NORMAL,
  { title: '8 h', ms: LEASE_MS * 4, endOnQuit: false },
  { title: 'until Slipway quits', ms: null, endOnQuit: true },
  { title: 'until I take it back', ms: null, endOnQuit: false },
];

/** One service runs production's image for a while: what will happen, for how long, and with which values. */
export function SwapDialog({ workspace, service, input, onClose }: DialogProps) {
  const record = useService(workspace, service ?? ('' as never));
  if (!service) return null;
  if (record?.swap && input?.['again'] !== 'yes')
    return (
      <Dialog title={`${service} runs production's image`} width="wide" onClose={onClose}>
        <SwapBanner service={record} swap={record.swap} />
      </Dialog>
    );
  return <NewSwap workspace={workspace} service={service} onClose={onClose} />;
}

interface NewSwapProps {
  readonly workspace: WorkspaceId;
  readonly service: string;
  readonly onClose: () => void;
}

function NewSwap({ workspace, service, onClose }: NewSwapProps) {
  const model = useWindow();
  const { client } = model;
  const [typed, setTyped] = useState('');
  const [image, setImage] = useState<string>();
  const [lease, setLease] = useState(NORMAL);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [form, setForm] = useState(NO_DEBUG);
  const debug = debugOf(form);
  const plan = useAsked(
    (signal) => client.production.swapPlan({ workspace, service, image, debug }, { signal }),
    `${workspace}/${service}/${image}/${JSON.stringify(debug)}`,
  );
  const run = () => {
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
    const request = {
      workspace,
      service,
      image,
      leaseMs: lease.ms,
      endOnQuit: lease.endOnQuit,
      values: given,
      debug,
    };
    void attempt(model, `Running production's ${service}`, client.production.swap(request));
    onClose();
  };
  return (
    <Dialog
      title={`Run production's ${service} here`}
      about={plan.value?.shownImage}
      width="wide"
      onClose={onClose}
      end={
        <>
          <span className="dim cut">Your files and your local image stay as they are.</span>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button emphasis="primary" disabled={!isAnswered(plan)} onClick={run}>
            Run it here
          </Button>
        </>
      }
    >
      <div className="swap">
        <Field
          label="Another tag or digest: :2.4.0, sha256:…, or an image"
          className="swap-image mono"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => setImage(typed.trim() || undefined)}
          onKeyDown={(event) => event.key === 'Enter' && setImage(typed.trim() || undefined)}
        />
        {plan.failure && (
          <ErrorCard title="This image cannot run here">{<p>{describeError(plan.failure)}</p>}</ErrorCard>
        )}
        {!plan.value && !plan.failure && <p className="faint">Asking the registry…</p>}
        {plan.value && (
          <div className={cx('swap', plan.answers === 'earlier' && 'outdated')}>
            <Plan plan={plan.value} />
          </div>
        )}
        {plan.value && <Values plan={plan.value} values={values} onChange={setValues} />}
        <DebugOptions form={form} likely={plan.value?.likelyDebugger} onChange={setForm} />
        <Leases chosen={lease} onChoose={setLease} />
      </div>
    </Dialog>
  );
}

function debugOf({ idle, debugger: tool }: DebugForm) {
  return { idle, ...(tool === 'none' ? {} : { debugger: tool }) };
}

function Plan({ plan }: { readonly plan: SwapPlanView }) {
  return (
    <>
      <ol className="swap-steps selectable">
        {plan.steps.map((step) => (
          <li key={step.label} title={step.cause}>
            {step.label}
          </li>
        ))}
      </ol>
      {!plan.onMachine && plan.downloadBytes !== undefined && (
        <p className="dim">{describeBytes(plan.downloadBytes)} to pull.</p>
      )}
      {plan.notes.map((note) => (
        <p key={note} className="dim">
          {note}
        </p>
      ))}
    </>
  );
}

interface LeasesProps {
  readonly chosen: Lease;
  readonly onChoose: (lease: Lease) => void;
}

function Leases({ chosen, onChoose }: LeasesProps) {
  return (
    <div className="swap-leases" role="radiogroup" aria-label="For how long">
      <span className="dim">For</span>
      {LEASES.map((lease) => (
        <label key={lease.title}>
          <input type="radio" name="lease" checked={lease === chosen} onChange={() => onChoose(lease)} />
          {lease.title}
        </label>
      ))}
    </div>
  );
}
