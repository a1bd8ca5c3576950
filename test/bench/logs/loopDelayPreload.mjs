import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

// The first SIGUSR2 begins to measure, each one after it writes down the 99th percentile in milliseconds.
const loop = monitorEventLoopDelay({ resolution: 1 });
let measuring = false;
process.on('SIGUSR2', () => {
  if (measuring) write(String(loop.percentile(99) / 1e6));
  else loop.enable();
  measuring = true;
});

/** At once: who waits for the file reads it whole. */
function write(text) {
  const file = process.env.LOOP_DELAY_FILE;
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
