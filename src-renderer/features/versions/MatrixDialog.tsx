import './versions.css';
import { useState } from 'react';
import { describeError, describeTook } from '#contract/describe.ts';
import type { MatrixResult } from '#contract/requests/versions.ts';
import { attempt } from '#state/actions.ts';
import { useIsBusy, useRun, useServerShallow, useWindow, useWorkspace } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { selectServices, selectSteps } from '#state/selectors.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { cx } from '#ui/cx.ts';
import { Dialog } from '#ui/Dialog.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { Field } from '#ui/Field.tsx';

/** How many versions are ticked when the dialog opens: the newest lines. */
const TICKED = 3;

/** Which versions pass the stack's own check: each is tried in a project of its own that is thrown away. */
export function MatrixDialog({ workspace, service, onClose }: DialogProps) {
  const model = useWindow();
  const { client } = model;
  const services = useServerShallow((state) => selectServices(state, workspace));
  const record = useWorkspace(workspace);
  const [check, setCheck] = useState(service ?? '');
  const [command, setCommand] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>();
  const menu = useAsked(
    (signal) => client.versions.menu({ workspace, service: service ?? '' }, { signal }),
    `${workspace}/${service}`,
  );
  const run = useRun(workspace, record?.activeRun);
  const busy = useIsBusy(workspace);
  const working = run?.kind === 'matrix' ? run : undefined;
  const results = useAsked(
    (signal) => client.versions.matrixResults({ workspace }, { signal }),
    `${workspace}/${record?.activeRun ?? ''}/${working?.stepsDone ?? 0}`,
  );
  if (!service) return null;
  const offers = menu.value?.offers ?? [];
  const versions = chosen ?? offers.slice(0, TICKED).map(({ tag }) => tag);
  const begin = () => {
    const text = command.trim();
    const input = { service: check, ...(text !== '' && { command: ['sh', '-c', text] }) };
    void attempt(
      model,
      'The matrix',
      client.versions.matrix({ workspace, service, versions: [...versions], check: input }),
    );
  };
  return (
    <Dialog
      title={`Try versions of ${service}`}
      about="the stack itself is not touched"
      width="wide"
      onClose={onClose}
      end={
        <>
          <span className="dim cut">
            Each boots beside the stack with data of its own, and is thrown away.
          </span>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Close
          </Button>
          {working ? (
            <Button
              onClick={() =>
                void attempt(model, 'Cancel', client.stack.cancel({ workspace, run: working.id }))
              }
            >
              Cancel the run
            </Button>
          ) : (
            <Button
              emphasis="primary"
              disabled={versions.length === 0 || check === '' || busy}
              onClick={begin}
            >
              {`Try ${versions.length} ${versions.length === 1 ? 'version' : 'versions'}`}
            </Button>
          )}
        </>
      }
    >
      <div className="matrix">
        {menu.failure && (
          <ErrorCard title="The versions could not be listed">
            <p>{describeError(menu.failure)}</p>
          </ErrorCard>
        )}
        <div className="matrix-row">
          <label className="matrix-check">
            <span className="dim">Check with</span>
            <select
              className="choice"
              value={check}
              onChange={(event) => setCheck(event.currentTarget.value)}
            >
              {services.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <Field
            label="Command inside it; empty: run it to its end"
            value={command}
            onChange={(event) => setCommand(event.currentTarget.value)}
          />
        </div>
        <fieldset className="matrix-versions">
          <legend className="dim">Versions</legend>
          {offers.map(({ tag }) => (
            <label key={tag} className="data-check">
              <input
                type="checkbox"
                checked={versions.includes(tag)}
                onChange={({ currentTarget }) =>
                  setChosen(
                    currentTarget.checked
                      ? offers
                          .map((offer) => offer.tag)
                          .filter((other) => other === tag || versions.includes(other))
                      : versions.filter((other) => other !== tag),
                  )
                }
              />
              <span className="mono">{tag}</span>
            </label>
          ))}
        </fieldset>
        <Results results={results.value ?? []} working={working && <Now workspace={workspace} />} />
      </div>
    </Dialog>
  );
}

/** What is being tried at this moment. */
function Now({ workspace }: Pick<DialogProps, 'workspace'>) {
  const record = useWorkspace(workspace);
  const run = useRun(workspace, record?.activeRun);
  const step = useServerShallow((state) => selectSteps(state, run)).find(
    ({ status }) => status === 'running',
  );
  return (
    <p className="dim" role="status">
      {step?.label ?? 'beginning'}…
    </p>
  );
}

function Results({
  results,
  working,
}: {
  readonly results: readonly MatrixResult[];
  readonly working: React.ReactNode;
}) {
  if (results.length === 0 && !working) return null;
  return (
    <section aria-label="Results" className="matrix-results">
      {results.map(({ version, passed, summary, output, ms }) => (
        <details key={version} className="matrix-result">
          <summary>
            <b className="mono">{version}</b>
            <span className={cx(passed ? 'tone-ok' : 'tone-fail')}>{passed ? 'passed' : 'failed'}</span>
            <span className="dim cut">{passed ? '' : summary}</span>
            <span className="faint">{describeTook(ms)}</span>
          </summary>
          <pre className="selectable">{output || 'It printed nothing.'}</pre>
        </details>
      ))}
      {working}
    </section>
  );
}
