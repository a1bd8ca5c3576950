import './production.css';
import { useState } from 'react';
import { describeBytes, describeError } from '#contract/describe.ts';
import type { AppError } from '#contract/errors.ts';
import { toAppError } from '#contract/errors.ts';
import type { OpenedPack, PackView } from '#contract/requests/share.ts';
import { attempt, showScreen } from '#state/actions.ts';
import { useServer, useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { selectSettings, selectWorkspace } from '#state/selectors.ts';
import { isAnswered, useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { cx } from '#ui/cx.ts';
import { Dialog } from '#ui/Dialog.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { Field } from '#ui/Field.tsx';

/** One file with which a colleague sees the same failure: what goes into it stands here before it is written. */
export function PackDialog({ workspace, onClose }: DialogProps) {
  const model = useWindow();
  const home = useServer((state) => selectSettings(state)?.home) ?? '';
  const [images, setImages] = useState(true);
  const [checkpoints, setCheckpoints] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState<string>();
  const request = { workspace, images, checkpoints: [...checkpoints] };
  const plan = useAsked(
    (signal) => model.client.share.packPlan(request, { signal }),
    JSON.stringify(request),
  );
  const file = typed ?? (plan.value ? `${home}/${plan.value.fileName}` : '');
  const run = () => {
    if (file === '') return;
    void attempt(model, 'Packing', model.client.share.pack({ ...request, file }));
    onClose();
  };
  const toggle = (id: string) =>
    setCheckpoints(
      checkpoints.includes(id) ? checkpoints.filter((other) => other !== id) : [...checkpoints, id],
    );
  return (
    <Dialog
      title="Make a reproduction pack"
      width="wide"
      onClose={onClose}
      end={
        <>
          <span className="dim cut">Names of variables go into it, values never.</span>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button emphasis="primary" disabled={!isAnswered(plan) || file === ''} onClick={run}>
            Write it
          </Button>
        </>
      }
    >
      <div className="swap">
        <Field
          label="File"
          className="swap-image mono"
          value={file}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {plan.failure && <ErrorCard title="Not now">{<p>{describeError(plan.failure)}</p>}</ErrorCard>}
        {!plan.value && !plan.failure && <p className="faint">Looking at what runs…</p>}
        <label className="swap-check">
          <input
            type="checkbox"
            checked={images}
            onChange={(event) => setImages(event.currentTarget.checked)}
          />
          Take along what was built here
        </label>
        {plan.value?.checkpoints.map(({ id, name, bytes }) => (
          <label key={id} className="swap-check">
            <input type="checkbox" checked={checkpoints.includes(id)} onChange={() => toggle(id)} />
            Data: {name}, {describeBytes(bytes)}
          </label>
        ))}
        {plan.value && (
          <div className={cx(plan.answers === 'earlier' && 'outdated')}>
            <PackContents plan={plan.value} />
          </div>
        )}
      </div>
    </Dialog>
  );
}

function PackContents({ plan }: { readonly plan: PackView }) {
  return (
    <dl className="pack-contents selectable">
      {plan.services.map(({ service, image, from, why }) => (
        <div key={service} className="pack-row">
          <dt>{service}</dt>
          <dd className="mono">
            {image}
            {from === 'pack' && <span className="dim"> · goes along</span>}
            {why && <span className="tone-wait"> · {why}</span>}
          </dd>
        </div>
      ))}
      <div className="pack-row">
        <dt>Files</dt>
        <dd className="mono">{plan.files.join(', ') || 'none'}</dd>
      </div>
      <div className="pack-row">
        <dt>Asked for</dt>
        <dd className="mono">{plan.variables.join(', ') || 'nothing'}</dd>
      </div>
      <div className="pack-row">
        <dt>Logs</dt>
        <dd>{plan.logs.why}</dd>
      </div>
      {plan.notes.map((note) => (
        <div key={note} className="pack-row">
          <dt>To know</dt>
          <dd>{note}</dd>
        </div>
      ))}
      <div className="pack-row">
        <dt>Size</dt>
        <dd>{describeBytes(plan.bytes)} before compression</dd>
      </div>
    </dl>
  );
}

/** Opens what a colleague has packed, in a folder of its own. */
export function OpenPackDialog({ workspace, onClose }: DialogProps) {
  const model = useWindow();
  const own = useServer((state) => selectWorkspace(state, workspace)?.folder);
  const [file, setFile] = useState('');
  const [busy, setBusy] = useState<AbortController>();
  const [failure, setFailure] = useState<AppError>();
  const ready = file.trim() !== '' && busy === undefined;
  const run = () => {
    if (!ready) return;
    const abort = new AbortController();
    setBusy(abort);
    setFailure(undefined);
    const request = { file: file.trim(), ...(own ? { valuesFrom: own } : {}) };
    model.client.share.openPack(request, { signal: abort.signal }).then(
      (opened) => {
        model.view.setState({ workspace: opened.workspace, welcome: false });
        const data = opened.checkpoints.length > 0 ? ' Its data waits on the Data screen.' : '';
        const ports = movedText(opened.movedPorts);
        model.notices.add({
          tone: 'ok',
          title: `${opened.project} is in ${opened.folder}`,
          detail:
            opened.lacking.length > 0
              ? `${opened.lacking.length} values are asked for.${data}${ports}`
              : `It can be booted.${data}${ports}`,
        });
        showScreen(model, opened.workspace, 'stack');
        onClose();
      },
      (thrown: unknown) => {
        setBusy(undefined);
        setFailure(toAppError(thrown));
      },
    );
  };
  const cancel = () => {
    busy?.abort();
    onClose();
  };
  return (
    <Dialog
      title="Open a reproduction pack"
      onClose={cancel}
      end={
        <>
          <span className="space" />
          <Button emphasis="quiet" onClick={cancel}>
            Cancel
          </Button>
          <Button emphasis="primary" disabled={!ready} onClick={run}>
            {busy ? 'Unpacking…' : 'Open'}
          </Button>
        </>
      }
    >
      <form
        className="login"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Field
          label="File, with its whole path"
          className="wide"
          value={file}
          autoFocus
          onChange={(event) => setFile(event.currentTarget.value)}
        />
        <p className="dim">
          It is unpacked beside the file, into a folder and a stack of its own: your own stack stays as it is.
          {own && ` Values that it asks for come from ${own} where that has them.`}
        </p>
        {failure && <ErrorCard title="Not opened">{<p>{describeError(failure)}</p>}</ErrorCard>}
      </form>
    </Dialog>
  );
}

function movedText(moved: OpenedPack['movedPorts']): string {
  return moved
    .map(({ service, from, to }) => ` Port ${from} is in use: ${service} is published on ${to}.`)
    .join('');
}
