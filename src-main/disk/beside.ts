let made = 0;

/** Where a file is made before it gets its name: beside it. The number tells which process makes it. */
export function besideOf(file: string): string {
  return `${file}.${process.pid}-${made++}.new`;
}

/** The process that made a file of such a name; undefined for every other name. */
export function makerOf(name: string): number | undefined {
  const match = /\.(\d+)-\d+\.new$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}
