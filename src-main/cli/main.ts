#!/usr/bin/env node
import { runProgram } from './program.ts';

// `slipway logs | head`: the reader has seen enough, and that is no failure.
process.stdout.on('error', (failure: NodeJS.ErrnoException) => {
  if (failure.code === 'EPIPE') process.exit(0);
  throw failure;
});

process.exitCode = await runProgram(process.argv.slice(2));
