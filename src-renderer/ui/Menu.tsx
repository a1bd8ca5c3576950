import './menu.css';
import type { LucideIcon } from 'lucide-react';
import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ReactElement, useRef } from 'react';
import { cx } from './cx.ts';
import { Icon } from './Icon.tsx';
import { Key } from './Key.tsx';

export type MenuEntry =
  | { readonly type: 'line'; readonly id: string }
  | { readonly type: 'label'; readonly id: string; readonly text: string }
  | {
      readonly type: 'item';
      readonly id: string;
      readonly text: string;
      readonly detail?: string | undefined;
      readonly icon?: LucideIcon | undefined;
      readonly keys?: string | undefined;
      readonly look?: 'danger' | undefined;
      readonly checked?: boolean | undefined;
      readonly disabled?: boolean | undefined;
      readonly run: () => void;
    };

interface MenuProps {
  readonly entries: readonly MenuEntry[];
  readonly children: ReactElement;
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
  readonly align?: 'start' | 'end';
}

/** A menu that drops from the button given as its child. */
export function Menu({ entries, children, open, onOpenChange, align = 'start' }: MenuProps) {
  const control = open === undefined ? {} : { open };
  const chosen = useRef<() => void>(undefined);
  // What was chosen is done once the focus is back on the button: a dialog remembers it from there.
  const runChosen = () => {
    const run = chosen.current;
    chosen.current = undefined;
    if (run) queueMicrotask(run);
  };
  return (
    <DropdownMenu.Root modal={false} {...control} {...(onOpenChange ? { onOpenChange } : {})}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align={align}
          sideOffset={4}
          collisionPadding={8}
          loop
          onCloseAutoFocus={runChosen}
        >
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} onChoose={(run) => (chosen.current = run)} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface EntryProps {
  readonly entry: MenuEntry;
  readonly onChoose: (run: () => void) => void;
}

function Entry({ entry, onChoose }: EntryProps) {
  if (entry.type === 'line') return <DropdownMenu.Separator className="menu-line" />;
  if (entry.type === 'label') {
    return <DropdownMenu.Label className="menu-label">{entry.text}</DropdownMenu.Label>;
  }
  return (
    <DropdownMenu.Item
      className={cx('menu-item', entry.look)}
      disabled={entry.disabled === true}
      onSelect={() => onChoose(entry.run)}
    >
      {entry.icon && <Icon of={entry.icon} />}
      <span className="cut">{entry.text}</span>
      {entry.detail && <span className="faint cut">{entry.detail}</span>}
      {entry.checked && (
        <span className="menu-end">
          <Icon of={Check} />
        </span>
      )}
      {entry.keys && (
        <span className="menu-end">
          <Key of={entry.keys} />
        </span>
      )}
    </DropdownMenu.Item>
  );
}
