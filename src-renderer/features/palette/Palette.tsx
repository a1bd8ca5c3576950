import './palette.css';
import { Command as Cmdk } from 'cmdk';
import { ChevronRight, Search } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useMemo, useRef, useState } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import { useServer, useView, useWindow } from '#state/hooks.ts';
import type { Command } from '#state/registry.ts';
import { selectServices, selectWorkspace } from '#state/selectors.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { Icon } from '#ui/Icon.tsx';
import { Key } from '#ui/Key.tsx';
import { keepForToasts } from '#ui/keepForToasts.ts';
import { useFocusReturn } from '#ui/useFocusReturn.ts';
import { commandScore } from './commandScore.ts';

/** Everything that can be done, found by typing a few letters of it. */
export function Palette({ workspace }: { readonly workspace: WorkspaceId | undefined }) {
  const { view } = useWindow();
  const open = useView((state) => state.palette);
  return open ? <OpenPalette workspace={workspace} onDone={() => view.setState({ palette: false })} /> : null;
}

interface OpenPaletteProps {
  readonly workspace: WorkspaceId | undefined;
  readonly onDone: () => void;
}

function OpenPalette({ workspace, onDone }: OpenPaletteProps) {
  const focus = useFocusReturn();
  const chosen = useRef<() => void>(undefined);
  // What was chosen is done once the focus is back where it was: a dialog remembers it from there.
  const onClosed = (event: Event) => {
    focus.onCloseAutoFocus(event);
    if (chosen.current) queueMicrotask(chosen.current);
  };
  const choose = (command: Command) => {
    chosen.current = command.run;
    onDone();
  };
  return (
    <Dialog.Root open onOpenChange={(next) => !next && onDone()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          className="palette"
          aria-describedby={undefined}
          onInteractOutside={keepForToasts}
          onCloseAutoFocus={onClosed}
        >
          <Dialog.Title className="visually-hidden">Command palette</Dialog.Title>
          <Commands workspace={workspace} onChoose={choose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface CommandsProps {
  readonly workspace: WorkspaceId | undefined;
  readonly onChoose: (command: Command) => void;
}

function Commands({ workspace, onChoose }: CommandsProps) {
  const model = useWindow();
  const [typed, setTyped] = useState('');
  // A run that ends while the palette is open brings back what it forbade; nothing else moves lines under the pointer.
  const run = useServer((state) => selectWorkspace(state, workspace)?.activeRun);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `run` stands for what the commands depend on.
  const commands = useMemo(() => offered(model, workspace), [model, workspace, run]);
  // Without a word there would be a line for every action of every service: those come up once one types.
  const shown = typed.trim() === '' ? commands.filter((command) => command.group !== SERVICES) : commands;
  const groups = [...new Set(shown.map((command) => command.group))];
  return (
    <Cmdk label="Commands" loop filter={score}>
      <div className="palette-field">
        <Icon of={Search} />
        <Cmdk.Input
          value={typed}
          onValueChange={setTyped}
          placeholder="Type a command or a service"
          aria-label="Command"
        />
      </div>
      <Cmdk.List className="palette-list" label="Commands">
        <Cmdk.Empty className="palette-empty">Nothing is called “{typed}”.</Cmdk.Empty>
        {groups.map((group) => (
          <Cmdk.Group key={group} heading={group}>
            {shown
              .filter((command) => command.group === group)
              .map((command) => (
                <Item key={command.id} command={command} onRun={onChoose} />
              ))}
          </Cmdk.Group>
        ))}
      </Cmdk.List>
    </Cmdk>
  );
}

/** cmdk hands over the value and the keywords as an item was given them. */
function score(_: string, typed: string, keywords?: string[]): number {
  return commandScore(keywords?.[0] ?? '', keywords?.[1] ?? '', typed);
}

interface ItemProps {
  readonly command: Command;
  readonly onRun: (command: Command) => void;
}

function Item({ command, onRun }: ItemProps) {
  return (
    <Cmdk.Item
      className="palette-item"
      value={command.id}
      keywords={[command.title, command.words ?? '']}
      onSelect={() => onRun(command)}
    >
      <Icon of={command.icon ?? ChevronRight} />
      <span className="cut">{command.title}</span>
      {command.keys && <Key of={command.keys} />}
    </Cmdk.Item>
  );
}

const SERVICES = 'Services';

/** What services do meanwhile does not move lines under the pointer: asked when the palette opens and when a run ends. */
function offered(model: WindowModel, workspace: WorkspaceId | undefined): readonly Command[] {
  const own = model.registry.commands.flatMap((source) => source(model, workspace));
  if (!workspace) return own;
  const services = selectServices(model.server.getState(), workspace);
  const actions = services.flatMap((service) =>
    model.registry.serviceActions
      .filter((action) => action.available(service))
      .map(
        (action): Command => ({
          id: `service:${service.name}:${action.id}`,
          title: `${service.name}: ${action.title}`,
          group: SERVICES,
          icon: action.icon,
          run: () => action.run(model, service),
        }),
      ),
  );
  return [...own, ...actions];
}
