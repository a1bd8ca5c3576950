import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

// The first SIGUSR2 begins to measure, the second writes down the 99th percentile in milliseconds.
const loop = monitorEventLoopDelay({ resolution: 1 });
let measuring = false;
process.on('SIGUSR2', () => {
  if (measuring) writeFileSync(process.env.LOOP_DELAY_FILE, String(loop.percentile(99) / 1e6));
  else loop.enable();
  measuring = true;
});
