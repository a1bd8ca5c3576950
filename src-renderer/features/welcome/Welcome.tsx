import './welcome.css';
import { FolderOpen, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { describeDuration } from '#contract/describe.ts';
import type { RecentProject } from '#contract/model.ts';
import { attempt, openFolder, pickFolder } from '#state/actions.ts';
import { useServer, useTimed, useWindow } from '#state/hooks.ts';
import { selectSettings } from '#state/selectors.ts';
import { Button, IconButton } from '#ui/Button.tsx';
import { Key } from '#ui/Key.tsx';

interface WelcomeProps {
  readonly loading: boolean;
  /** What everything depends on and is away. */
  readonly banners: ReactNode;
}

/** Before the first project: how to open one, and the ones opened before. */
export function Welcome({ loading, banners }: WelcomeProps) {
  const model = useWindow();
  const recents = useServer((state) => selectSettings(state)?.recents) ?? [];
  if (loading) return <Connecting banners={banners} />;
  return (
    <main className="welcome">
      <div>{banners}</div>
      <div className="welcome-body">
        <div className="welcome-inner">
          <h1>Slipway</h1>
          <p>Open a folder with a compose file. Nothing is started or changed until you press Boot.</p>
          <div className="welcome-open">
            <Button emphasis="primary" icon={FolderOpen} onClick={() => void pickFolder(model)}>
              Open a folder…
            </Button>
            <Key of="mod+o" />
            {model.bridge && <span className="faint">or drop one here</span>}
          </div>
          {recents.length > 0 && <Recents recents={recents} />}
        </div>
      </div>
    </main>
  );
}

/** Nothing is known yet. Where nothing will come, a banner says why instead of a word that promises it. */
function Connecting({ banners }: Pick<WelcomeProps, 'banners'>) {
  const { type } = useServer((state) => state.connection);
  const waits = type === 'connecting' || type === 'connected';
  return (
    <main className="welcome" aria-busy={waits}>
      <div>{banners}</div>
      <div className="empty">
        <h1 className="visually-hidden">Slipway</h1>
        {waits && <p role="status">Connecting…</p>}
      </div>
    </main>
  );
}

function Recents({ recents }: { readonly recents: readonly RecentProject[] }) {
  return (
    <>
      <h2>Recent</h2>
      <ul>
        {recents.map((recent) => (
          <Recent key={recent.folder} recent={recent} />
        ))}
      </ul>
    </>
  );
}

function Recent({ recent }: { readonly recent: RecentProject }) {
  const model = useWindow();
  const age = useTimed((now) => describeDuration(now - recent.openedAt));
  const { folder } = recent;
  return (
    <li className="recent">
      <button type="button" className="recent-open" onClick={() => void openFolder(model, folder)}>
        <b>{recent.name}</b>
        <span className="dim cut">{folder}</span>
      </button>
      <time dateTime={new Date(recent.openedAt).toISOString()}>{age} ago</time>
      <IconButton
        icon={X}
        label={`Forget ${recent.name}`}
        onClick={() => void attempt(model, 'Forgetting', model.client.project.forget({ folder }))}
      />
    </li>
  );
}
