/** Lines of context around a change, as diff prints them. */
const CONTEXT = 3;

/** A unified diff of two texts that differ in few lines; empty where they are the same. */
export function unifiedDiff(file: string, before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let [oldEnd, newEnd] = [old.length, now.length];
  while (oldEnd > start && newEnd > start && old[oldEnd - 1] === now[newEnd - 1]) {
    oldEnd -= 1;
    newEnd -= 1;
  }
  if (oldEnd === start && newEnd === start) return '';
  const first = Math.max(0, start - CONTEXT);
  const tail = Math.min(CONTEXT, old.length - oldEnd);
  const body = [
    ...old.slice(first, start).map((line) => ` ${line}`),
    ...middle(old.slice(start, oldEnd), now.slice(start, newEnd)),
    ...old.slice(oldEnd, oldEnd + tail).map((line) => ` ${line}`),
  ];
  const [oldCount, newCount] = [oldEnd + tail - first, newEnd + tail - first];
  const range = `@@ -${first + 1},${oldCount} +${first + 1},${newCount} @@`;
  return [`--- a/${file}`, `+++ b/${file}`, range, ...body, ''].join('\n');
}

/** The longest common lines stay. */
function middle(old: readonly string[], now: readonly string[]): string[] {
  const common = commonTable(old, now);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) lines.push(` ${old[i]}`);
    else if (below(common, i, j) >= beside(common, i, j)) lines.push(`-${old[i]}`);
    else lines.push(`+${now[j]}`);
    const last = lines.at(-1)?.[0];
    if (last !== '+') i += 1;
    if (last !== '-') j += 1;
  }
  return [...lines, ...old.slice(i).map((line) => `-${line}`), ...now.slice(j).map((line) => `+${line}`)];
}

type Table = readonly (readonly number[])[];

function below(table: Table, i: number, j: number): number {
  return table[i + 1]?.[j] ?? 0;
}

function beside(table: Table, i: number, j: number): number {
  return table[i]?.[j + 1] ?? 0;
}

/** How many lines two ends have in common; a Dockerfile is small enough to be tabled. */
function commonTable(old: readonly string[], now: readonly string[]): Table {
  const table: number[][] = [new Array<number>(now.length + 1).fill(0)];
  for (const line of [...old].reverse()) {
    const [below = []] = table;
    const row = [0];
    for (let j = now.length - 1; j >= 0; j -= 1)
      row.unshift(line === now[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[0] ?? 0));
    table.unshift(row);
  }
  return table;
}
