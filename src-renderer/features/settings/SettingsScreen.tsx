import '#ui/page.css';
import './settings.css';
import { Monitor, Moon, Sun } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import type { WorkspaceId } from '#contract/ids.ts';
import { attempt } from '#state/actions.ts';
import { useServer, useView, useWindow } from '#state/hooks.ts';
import { selectSettings } from '#state/selectors.ts';
import type { Theme } from '#state/viewStore.ts';
import { Icon } from '#ui/Icon.tsx';
import { Key } from '#ui/Key.tsx';
import { GatewaySection } from './GatewaySection.tsx';

const THEMES = [
  { theme: 'system', title: 'System', icon: Monitor },
  { theme: 'light', title: 'Light', icon: Sun },
  { theme: 'dark', title: 'Dark', icon: Moon },
] as const;

/** How the window looks, the gateway, and the keys the window knows. */
export function SettingsScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const theme = useView((state) => state.theme);
  const version = useServer((state) => selectSettings(state)?.version);
  const choose = (next: Theme) => {
    model.view.setState({ theme: next });
    void attempt(model, 'Changing the theme', model.client.app.setTheme({ theme: next }));
  };
  return (
    <div className="page">
      <h1>Settings</h1>
      <p className="page-sub">{version ? `Slipway ${version}` : 'Slipway'}</p>
      <h2 id="theme-title">Theme</h2>
      <RadioGroup.Root
        className="choices"
        aria-labelledby="theme-title"
        value={theme}
        onValueChange={(value) => choose(value as Theme)}
      >
        {THEMES.map((entry) => (
          <RadioGroup.Item key={entry.theme} value={entry.theme} className="choice">
            <Icon of={entry.icon} />
            {entry.title}
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      <GatewaySection workspace={workspace} />
      <h2>Keys</h2>
      <KeyList />
    </div>
  );
}

const EVERYWHERE = [
  ['mod+k', 'Command palette'],
  ['mod+shift+p', 'Command palette, also from within a shell'],
  ['mod+enter', 'Boot'],
  ['mod+o', 'Open a folder'],
  ['mod+j', 'Show or hide the panes'],
  ['/', 'Filter the services'],
] as const;

function KeyList() {
  const { registry } = useWindow();
  const onRow = registry.serviceActions.flatMap((action) =>
    action.keys ? [[action.keys, `${action.title} (on a service)`] as const] : [],
  );
  const screens = registry.screens
    .filter((screen) => !screen.hidden)
    .map((screen, index) => [`alt+${index + 1}`, screen.title] as const);
  return (
    <dl className="key-list">
      {[...EVERYWHERE, ...screens, ...onRow].map(([keys, title]) => (
        <div key={keys} style={{ display: 'contents' }}>
          <dt>
            <Key of={keys} />
          </dt>
          <dd>{title}</dd>
        </div>
      ))}
    </dl>
  );
}
