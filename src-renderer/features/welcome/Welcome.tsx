import './welcome.css';
import { FolderOpen, X } from 'lucide-react';
import { describeDuration } from '#contract/describe.ts';
import type { RecentProject } from '#contract/model.ts';
import { attempt, openFolder, pickFolder } from '#state/actions.ts';
import { useServer, useTimed, useWindow } from '#state/hooks.ts';
import { selectSettings } from '#state/selectors.ts';
import { Button, IconButton } from '#ui/Button.tsx';
import { Key } from '#ui/Key.tsx';

/** Before the first project: how to open one, and the ones opened before. */
export function Welcome({ loading }: { readonly loading: boolean }) {
  const model = useWindow();
  const recents = useServer((state) => selectSettings(state)?.recents) ?? [];
  if (loading) return <Connecting />;
  return (
    <main className="welcome">
      <div />
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

function Connecting() {
  return (
    <main className="empty" aria-busy="true">
      <h1 className="visually-hidden">Slipway</h1>
      <p role="status">Connecting…</p>
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
