import type { WorkspaceId } from '#contract/ids.ts';
import { showScreen } from '#state/actions.ts';
import { useServer, useWindow } from '#state/hooks.ts';
import type { Screen } from '#state/registry.ts';
import { selectEngine } from '#state/selectors.ts';
import { cx } from '#ui/cx.ts';
import { Icon } from '#ui/Icon.tsx';
import { describeEndpoint } from './endpoint.ts';

interface NavProps {
  readonly workspace: WorkspaceId;
  readonly current: string | undefined;
}

/** The screens, and the engine they are about. */
export function Nav({ workspace, current }: NavProps) {
  const { registry } = useWindow();
  return (
    <nav className="nav" aria-label="Screens">
      <ul>
        {registry.screens
          .filter((screen) => !screen.hidden)
          .map((screen, index) => (
            <li key={screen.id}>
              <NavItem
                workspace={workspace}
                screen={screen}
                current={current === screen.id}
                number={index + 1}
              />
            </li>
          ))}
      </ul>
      <Engine />
    </nav>
  );
}

interface NavItemProps {
  readonly workspace: WorkspaceId;
  readonly screen: Screen;
  readonly current: boolean;
  readonly number: number;
}

function NavItem({ workspace, screen, current, number }: NavItemProps) {
  const model = useWindow();
  // A screen never loses or gains its badge hook, so the order of hooks is the same every time.
  const badge = screen.useBadge?.(workspace);
  return (
    <button
      type="button"
      className="nav-item"
      aria-current={current ? 'page' : undefined}
      aria-keyshortcuts={`Alt+${number}`}
      data-tip={screen.title}
      data-tip-keys={`alt+${number}`}
      onClick={() => showScreen(model, workspace, screen.id)}
    >
      <Icon of={screen.icon} />
      <span className="nav-title">{screen.title}</span>
      {badge && <span className={cx('nav-badge', badge.tone)}>{badge.text}</span>}
    </button>
  );
}

function Engine() {
  const engine = useServer(selectEngine);
  if (engine?.type !== 'connected') {
    return (
      <div className="nav-foot">
        {engine?.type === 'unreachable' ? 'No engine' : 'Looking for an engine…'}
      </div>
    );
  }
  return (
    <div className="nav-foot" title={`${engine.endpoint} · API ${engine.apiVersion}`}>
      {engine.product} {engine.version.split('.').slice(0, 2).join('.')}
      <br />
      {describeEndpoint(engine.endpoint)} · {engine.containers} container{engine.containers === 1 ? '' : 's'}
    </div>
  );
}
