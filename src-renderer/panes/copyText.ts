import type { IBufferLine, Terminal } from '@xterm/xterm';

/** As much of a terminal as holds a selection. */
type Selected = Pick<Terminal, 'getSelectionPosition'> & {
  readonly buffer: { readonly active: { getLine(y: number): IBufferLine | undefined } };
};

/** The selected text without the first `prefix` letters of each line: times and sources are ours, not the container's. */
export function copyWithoutPrefixes(terminal: Selected, prefix: number): string {
  const range = terminal.getSelectionPosition();
  if (!range) return '';
  let text = '';
  for (let y = range.start.y; y <= range.end.y; y += 1) {
    const line = terminal.buffer.active.getLine(y);
    if (!line) continue;
    const begin = y === range.start.y ? range.start.x : 0;
    const from = line.isWrapped ? begin : Math.max(begin, prefix);
    const part = textBetween(line, from, y === range.end.y ? range.end.x : line.length);
    text += y === range.start.y || line.isWrapped ? part : `\n${part}`;
  }
  return text;
}

function textBetween(line: IBufferLine, from: number, to: number): string {
  return to <= from ? '' : line.translateToString(true, from, to);
}
