import { LogIn } from 'lucide-react';
import { useState } from 'react';
import { describeBytes, describeError } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { RegistryInfo } from '#contract/requests/production.ts';
import { attempt } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { Dot, type Tone } from '#ui/Dot.tsx';

const STATES: Readonly<Record<RegistryInfo['state'], readonly [Tone, string]>> = {
  ok: ['ok', 'reachable'],
  missing: ['ok', 'reachable'],
  notLoggedIn: ['wait', 'not logged in'],
  expired: ['fail', 'the stored login has expired'],
  denied: ['fail', 'does not let this login have what is needed'],
  rateLimited: ['wait', 'lets no more pulls through for now'],
  unreachable: ['fail', 'cannot be reached'],
};

/** Where the images come from: can it be reached, who is logged in, how many pulls are left. */
export function Registries({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const [round, setRound] = useState(0);
  const found = useAsked(
    (signal) => model.client.production.preflight({ workspace }, { signal }),
    `${workspace}/${round}`,
  );
  const again = () => setRound((count) => count + 1);
  const out = (registry: string) =>
    void attempt(model, `Logging out of ${registry}`, model.client.production.logout({ registry })).then(
      again,
    );
  return (
    <section aria-label="Registries">
      <h2>Registries</h2>
      {found.failure && <p className="tone-fail">{describeError(found.failure)}</p>}
      {!found.value && !found.failure && <p className="faint">Asking…</p>}
      <div className="registries">
        {found.value?.registries.map((registry) => (
          <Registry key={registry.registry} info={registry} onLogOut={out} workspace={workspace} />
        ))}
      </div>
      {found.value && found.value.downloadBytes > 0 && (
        <p className="dim">
          {describeBytes(found.value.downloadBytes)} to pull for all that production runs.
        </p>
      )}
    </section>
  );
}

interface RegistryProps {
  readonly workspace: WorkspaceId;
  readonly info: RegistryInfo;
  readonly onLogOut: (registry: string) => void;
}

function Registry({ info, onLogOut }: RegistryProps) {
  const { view } = useWindow();
  const [tone, words] = STATES[info.state];
  const { registry, quota } = info;
  return (
    <div className="registry">
      <Dot tone={tone} />
      <b className="mono cut">{registry}</b>
      <span className="cut" title={info.error && describeError(info.error)}>
        {words}
        {info.username && ` · logged in as ${info.username}`}
        {quota && ` · ${quota.remaining} of ${quota.limit} pulls left`}
        <span className="faint">
          {' '}
          · {info.images.length === 1 ? info.images[0] : `${info.images.length} images`}
        </span>
      </span>
      {info.login === 'stored' && info.state !== 'expired' ? (
        <Button emphasis="quiet" onClick={() => onLogOut(registry)}>
          Log out
        </Button>
      ) : (
        <Button
          icon={LogIn}
          emphasis={info.state === 'ok' || info.state === 'missing' ? 'quiet' : 'normal'}
          onClick={() => view.setState({ dialog: { id: 'registryLogin', input: { registry } } })}
        >
          Log in…
        </Button>
      )}
    </div>
  );
}
