/** What a key chord needs of a KeyboardEvent. */
export interface Pressed {
  readonly key: string;
  /** The same by its place on the keyboard, `Digit1`. */
  readonly code?: string | undefined;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** macOS puts commands on ⌘, everything else on Ctrl. */
export const isMac: boolean =
  typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform ?? '');

const MAC: Readonly<Record<string, string>> = { mod: '⌘', alt: '⌥', shift: '⇧', enter: '↵' };
const OTHER: Readonly<Record<string, string>> = {
  mod: 'Ctrl',
  alt: 'Alt',
  shift: 'Shift',
  enter: 'Enter',
};

/** `mod+shift+p` as this machine writes it: `⌘⇧P`, `Ctrl Shift P`. */
export function keyText(chord: string, mac: boolean = isMac): string {
  const words = chord.split('+').map((part) => (mac ? MAC : OTHER)[part] ?? capital(part));
  return words.join(mac ? '' : ' ');
}

function capital(part: string): string {
  return part.length === 1 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1);
}

/** Was exactly this chord pressed? `mod` is ⌘ on a Mac and Ctrl elsewhere. */
export function isPressed(event: Pressed, chord: string, mac: boolean = isMac): boolean {
  const parts = chord.split('+');
  const key = parts.at(-1) ?? '';
  const wants = (name: string) => parts.slice(0, -1).includes(name);
  return (
    (event.key.toLowerCase() === key || (wants('alt') && isDigit(event, key))) &&
    event.metaKey === (mac && wants('mod')) &&
    event.ctrlKey === ((!mac && wants('mod')) || wants('ctrl')) &&
    event.altKey === wants('alt') &&
    (event.shiftKey === wants('shift') || !/^[a-z0-9]$|^[a-z]{2,}/.test(key))
  );
}

/** With Option a Mac writes signs on the digits, `¡` on 1; on some keyboards a digit needs Shift. The place is the same. */
function isDigit({ code }: Pressed, key: string): boolean {
  return /^\d$/.test(key) && code === `Digit${key}`;
}
