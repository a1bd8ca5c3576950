/** As much of xterm's buffer as one needs to count lines. A line of the log is one row, and the wrapped rows behind it. */
export interface RowBuffer {
  readonly baseY: number;
  readonly cursorY: number;
  getLine(row: number): { readonly isWrapped: boolean } | undefined;
}

/** How many lines stand behind the one at this row; undefined where no line is. */
export function linesBehind(buffer: RowBuffer, row: number): number | undefined {
  const end = endRow(buffer);
  if (row < 0 || row >= end) return undefined;
  let lines = 0;
  for (let below = row + 1; below < end; below += 1) if (!buffer.getLine(below)?.isWrapped) lines += 1;
  return lines;
}

/** The rows of the line that has so many lines behind it; undefined when it has been pushed out. */
export function rowsOfLine(
  buffer: RowBuffer,
  behind: number,
): { readonly first: number; readonly count: number } | undefined {
  let left = behind;
  let count = 0;
  for (let row = endRow(buffer) - 1; row >= 0; row -= 1) {
    count += 1;
    if (buffer.getLine(row)?.isWrapped) continue;
    if (left === 0) return { first: row, count };
    left -= 1;
    count = 0;
  }
  return undefined;
}

/** Every line ends with a line feed, so that the cursor stands on an empty row behind the last one. */
function endRow({ baseY, cursorY }: RowBuffer): number {
  return baseY + cursorY;
}
