import { isPressed } from '#ui/keys.ts';
import { LOG_COMMANDS } from './logCommands.ts';
import type { LogPane } from './logPane.ts';

/** Keys of a log pane that has the focus; it takes no input, so that one letter is enough. False: xterm leaves it alone. */
export function logKeys(pane: LogPane, event: KeyboardEvent): boolean {
  if (event.type !== 'keydown') return true;
  const run = commandOf(pane, event);
  if (run === undefined) return !isPressed(event, 'mod+c'); // left to the browser, whose copy event comes to the pane
  event.preventDefault();
  run();
  return false;
}

function commandOf(pane: LogPane, event: KeyboardEvent): (() => void) | undefined {
  if (isPressed(event, 'mod+f')) return () => pane.finder.open();
  const command = LOG_COMMANDS.find(({ keys }) => isPressed(event, keys));
  if (command !== undefined) return () => command.run(pane);
  if (isPressed(event, 'pageup')) return () => pane.scrollPages(-1);
  if (isPressed(event, 'pagedown')) return () => pane.scrollPages(1);
  if (isPressed(event, 'home')) return () => pane.scrollToStart();
  if (isPressed(event, 'escape')) return () => pane.escape();
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (event.key === '+' || event.key === '=') return () => pane.changeFont(1);
  if (event.key === '-') return () => pane.changeFont(-1);
  if (event.key === '0') return () => pane.changeFont(0);
  return undefined;
}
