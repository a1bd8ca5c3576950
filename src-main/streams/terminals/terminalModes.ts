/** Modes that a program turns on for a long time, and that a viewer who comes late must be told. Source: xterm, "ctlseqs", DECSET. */
const KEPT_MODES = new Set([1, 7, 25, 47, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1047, 1049, 2004]);
/** On unless turned off: cursor visible, wrap. */
const ON_BY_DEFAULT = new Set([7, 25]);
const ALTERNATE_SCREENS = [47, 1047, 1049];
/** The longest sequence that may be cut between two chunks and still be understood. */
const MAX_TAIL = 4096;
const ESCAPE = 0x1b;

/** Watches a terminal's output for what outlives a bounded replay: modes, and the directory that shells report. */
export class TerminalModes {
  readonly #modes = new Map<number, boolean>();
  #tail = '';
  /** As the shell last reported it. */
  workingDir: string | undefined;

  observe(bytes: Uint8Array): void {
    if (this.#tail === '' && !bytes.includes(ESCAPE)) return;
    const text = this.#tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    for (const [, list = '', set] of text.matchAll(/\x1b\[\?([\d;]{1,64})([hl])/g))
      this.#note(list, set === 'h');
    for (const [, path = ''] of text.matchAll(
      /\x1b\]7;file:\/\/[^/\x07\x1b]*(\/[^\x07\x1b]*)(?:\x07|\x1b\\)/g,
    )) {
      this.workingDir = Buffer.from(path, 'latin1').toString('utf8');
    }
    this.#tail = unfinished(text);
  }

  get isAlternateScreen(): boolean {
    return ALTERNATE_SCREENS.some((mode) => this.#modes.get(mode) === true);
  }

  /** What brings a fresh terminal into these modes. */
  restore(): Uint8Array {
    const parts = [...this.#modes]
      .filter(([mode, on]) => on !== ON_BY_DEFAULT.has(mode))
      .map(([mode, on]) => `\x1b[?${mode}${on ? 'h' : 'l'}`);
    return Buffer.from(parts.join(''));
  }

  #note(list: string, on: boolean): void {
    for (const mode of list.split(';').map(Number)) if (KEPT_MODES.has(mode)) this.#modes.set(mode, on);
  }
}

/** A sequence that has begun and not ended; it is looked at again with what follows. */
function unfinished(text: string): string {
  const at = text.lastIndexOf('\x1b');
  if (at < 0 || text.length - at > MAX_TAIL) return '';
  const rest = text.slice(at);
  return /^\x1b(\[[?\d;]*)?$/.test(rest) || /^\x1b\][^\x07\x1b]*$/.test(rest) ? rest : '';
}
