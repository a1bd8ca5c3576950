/** One measured relation: ours against a peer's or a limit's, from the same run. */
export interface Figure {
  readonly name: string;
  /** What was measured on our side and on the other, as text with its unit. */
  readonly ours: string;
  readonly other: string;
  /** Ours divided by the other's; or the plain figure where the target is one. */
  readonly value: number;
  readonly unit: '' | 'ms' | '%' | 'MB' | 'requests';
  /** Undefined for what only helps to read the others. */
  readonly target: number | undefined;
}

export function verdictOf({ value, target }: Figure): 'met' | 'missed' | '' {
  if (target === undefined) return '';
  return value <= target ? 'met' : 'missed';
}

/** A table for the terminal and for a Markdown page alike. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    figure.ours,
    figure.other,
    withUnit(figure.value, figure.unit),
    figure.target === undefined ? '' : `≤ ${withUnit(figure.target, figure.unit)}`,
    verdictOf(figure),
  ]);
  const all = [['what', 'Slipway', 'against', 'figure', 'target', 'verdict'], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(all[0] ?? []), rule, ...all.slice(1).map(line)].join('\n');
}

function withUnit(value: number, unit: Figure['unit']): string {
  const figure = value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
  return unit === '' ? figure : `${figure} ${unit}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return (middle + (sorted[Math.ceil(sorted.length / 2) - 1] ?? middle)) / 2;
}

/** Each round's two sides ran one after the other, so that what else the machine does weighs on both. */
export function ratioOf(rounds: readonly { readonly ours: number; readonly other: number }[]): number {
  return median(rounds.map(({ ours, other }) => ours / other));
}
