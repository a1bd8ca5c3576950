import { PlugZap, RefreshCw } from 'lucide-react';
import type { EngineStatus } from '#contract/model.ts';
import { attempt } from '#state/actions.ts';
import { useNow, useServer, useWindow } from '#state/hooks.ts';
import { selectEngine } from '#state/selectors.ts';
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';

/** What everything on screen depends on and is away: the core, or the engine behind it. */
export function Banners() {
  const connection = useServer((state) => state.connection);
  const engine = useServer(selectEngine);
  if (connection.type === 'lost') return <LostBanner retryAt={connection.retryAt} />;
  if (connection.type === 'refused') {
    return (
      <div className="banner fail" role="alert">
        <Icon of={PlugZap} className="tone-fail" />
        <b>{connection.error.message}</b>
        <span className="dim">{connection.error.hint}</span>
      </div>
    );
  }
  return engine?.type === 'unreachable' ? <EngineBanner status={engine} /> : null;
}

function LostBanner({ retryAt }: { readonly retryAt: number }) {
  const model = useWindow();
  const loaded = useServer((state) => state.loaded);
  const seconds = Math.max(0, Math.ceil((retryAt - useNow()) / 1000));
  return (
    <div className="banner wait">
      <Icon of={PlugZap} className="tone-wait" />
      {/* The seconds stand outside: an alert is read out again whenever a word of it changes. */}
      <span role="alert">
        <b>{loaded ? 'The connection to Slipway is lost.' : 'Slipway cannot be reached.'}</b>{' '}
        <span className="dim">
          {loaded
            ? 'What stands here is what was known last.'
            : 'It has ended, or something on the way, like a proxy, lets no WebSockets through.'}
        </span>
      </span>
      <span className="dim">{seconds > 0 ? `Next try in ${seconds} s.` : 'Trying…'}</span>
      <span className="space" />
      <Button icon={RefreshCw} onClick={() => model.connection.retry()}>
        Try now
      </Button>
    </div>
  );
}

function EngineBanner({ status }: { readonly status: Extract<EngineStatus, { type: 'unreachable' }> }) {
  const model = useWindow();
  const since = new Date(status.since).toLocaleTimeString('en-GB');
  return (
    <div className="banner fail" role="alert">
      <Icon of={PlugZap} className="tone-fail" />
      <span className="selectable">
        <b>{status.error.message}</b>{' '}
        <span className="dim">
          As of {since}. {status.error.hint}
        </span>
      </span>
      <span className="space" />
      <Button icon={RefreshCw} onClick={() => void attempt(model, 'Reconnect', model.client.app.reconnect())}>
        Try now
      </Button>
    </div>
  );
}
