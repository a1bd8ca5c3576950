import { useState } from 'react';
import { describeError } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { LocalRegistryView } from '#contract/requests/share.ts';
import { attempt } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { Dot } from '#ui/Dot.tsx';

/** A real registry on this machine: keeps what is pulled, takes local builds for colleagues. */
export function LocalRegistry({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const [round, setRound] = useState(0);
  const [busy, setBusy] = useState<string>();
  const { share } = model.client;
  const found = useAsked((signal) => share.registry({ workspace }, { signal }), `${workspace}/${round}`);
  const act = (what: string, request: Promise<unknown>) => {
    setBusy(what);
    void attempt(model, what, request).then(() => {
      setBusy(undefined);
      setRound((count) => count + 1);
    });
  };
  const start = (reach: 'thisMachine' | 'network') =>
    act('Starting the registry', share.startRegistry({ workspace, reach }));
  return (
    <section aria-label="A registry on this machine">
      <h2>A registry on this machine</h2>
      {found.failure && <p className="tone-fail">{describeError(found.failure)}</p>}
      {busy && (
        <p className="dim" role="status">
          {busy}…
        </p>
      )}
      {found.value && !busy && (
        <State
          view={found.value}
          onStart={start}
          onStop={() => act('Stopping the registry', share.stopRegistry({ workspace }))}
          onPush={() => act('Pushing local builds', share.pushBuilds({ workspace }))}
        />
      )}
    </section>
  );
}

interface StateProps {
  readonly view: LocalRegistryView;
  readonly onStart: (reach: 'thisMachine' | 'network') => void;
  readonly onStop: () => void;
  readonly onPush: () => void;
}

function State({ view, onStart, onStop, onPush }: StateProps) {
  if (view.state !== 'running')
    return (
      <div className="local-registry">
        <span className="dim">
          Keeps what is pulled from Docker Hub, and takes local builds for colleagues. What it holds stays
          when it stops.
        </span>
        <span className="space" />
        <Button onClick={() => onStart('thisMachine')}>Start it</Button>
        <Button emphasis="quiet" onClick={() => onStart('network')}>
          For colleagues too
        </Button>
      </div>
    );
  return (
    <>
      <div className="local-registry">
        <Dot tone="ok" />
        <span className="selectable">
          Takes pushes at <span className="mono">{view.address}</span>
          {view.images.length > 0 &&
            ` · holds ${view.images.map(({ name, tags }) => `${name}:${tags.join(', ')}`).join(', ')}`}
        </span>
        <span className="space" />
        <Button onClick={onPush}>Push local builds</Button>
        <Button emphasis="quiet" onClick={onStop}>
          Stop
        </Button>
      </div>
      <p className="dim selectable">
        {view.cacheUsed
          ? `The engine asks ${view.cacheAddress} first: what was pulled once is not pulled again.`
          : `To keep what is pulled, the engine's daemon.json has to say "registry-mirrors": ["${view.cacheAddress}"].`}
        {view.shared.length > 0 &&
          ` Colleagues reach it at ${view.shared.join(', ')}: plain HTTP without a login, so their engines want it in "insecure-registries".`}
      </p>
    </>
  );
}
