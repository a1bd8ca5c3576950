/** A flood ends when somebody makes it in the container. */
export const STOP_FILE = '/tmp/stop';

/**
 * Writes `line 1` to `line N` in steps of a tenth of a second, as fast as asked, or until there is a file `STOP_FILE`; then
 * stays, so that nothing restarts.
 */
export function floodService(own: {
  readonly name: string;
  readonly linesPerSecond: number;
  readonly seconds: number;
}): string {
  const step = own.linesPerSecond / 10;
  const program = `BEGIN { for (t = 0; t < ${own.seconds * 10}; t++) { for (i = 1; i <= ${step}; i++) print "line " (t * ${step} + i) " the quick brown fox jumps over the lazy dog and runs away"; fflush(); if (system("sleep 0.1; test ! -e ${STOP_FILE}")) break } }`;
  return `
  ${own.name}:
    image: busybox:1
    stop_grace_period: 1s
    command: ["sh", "-c", ${JSON.stringify(`sleep 3; awk '${program.replaceAll('$', '$$$$')}'; echo finished; exec sleep 36000`)}]
`;
}
