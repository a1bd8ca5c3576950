import { useEffect } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import { showScreen } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { isMac, isPressed } from '#ui/keys.ts';
import { allCommands } from './shellCommands.ts';

/** The keys that work everywhere. What a shell needs itself (Ctrl K and the like) stays with the shell. */
export function useKeys(workspace: WorkspaceId | undefined): void {
  const model = useWindow();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !handle(model, workspace, event)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener('keydown', press, true);
    return () => document.removeEventListener('keydown', press, true);
  }, [model, workspace]);
}

function handle(model: WindowModel, workspace: WorkspaceId | undefined, event: KeyboardEvent): boolean {
  if (isPressed(event, 'mod+shift+p') || (isPressed(event, 'mod+k') && !isForShell(event))) {
    model.view.setState((state) => ({ palette: !state.palette }));
    return true;
  }
  if (model.view.getState().palette || isForShell(event) || document.querySelector('[role="dialog"]')) {
    return false;
  }
  const screens = model.registry.screens.filter((screen) => !screen.hidden);
  const screen = screens.find((_, index) => isPressed(event, `alt+${index + 1}`) && !isWritten(event));
  if (workspace && screen) {
    showScreen(model, workspace, screen.id);
    return true;
  }
  const command = allCommands(model, workspace).find(
    (entry) => entry.keys && /\b(?:mod|alt)\+/.test(entry.keys) && isPressed(event, entry.keys),
  );
  // A key that is held down was meant once.
  if (!event.repeat) command?.run();
  return command !== undefined;
}

/** Into a field. With Option one writes what has no key of its own: `[` is Option 5 on a German Mac. */
function isWritten({ key, target }: KeyboardEvent): boolean {
  if (!isMac || /^\d$/.test(key)) return false;
  return target instanceof Element && target.matches('input, textarea') && !target.closest('[data-pane]');
}

/** A shell has the focus, and this key means something to it. On a Mac ⌘ never does. */
function isForShell(event: KeyboardEvent): boolean {
  const inTerminal = event.target instanceof Element && event.target.closest('[data-pane="terminal"]');
  return Boolean(inTerminal) && !(isMac && event.metaKey);
}
