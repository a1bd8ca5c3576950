#!/usr/bin/env node
import module from 'node:module';

// Half of a short command's time is compiling the same modules again. Node 20 cannot keep them.
module.enableCompileCache?.();

// `slipway logs | head`: the reader has seen enough, and that is no failure.
process.stdout.on('error', (failure: NodeJS.ErrnoException) => {
  if (failure.code === 'EPIPE') process.exit(0);
  throw failure;
});

const { runProgram } = await import('./program.ts');
process.exitCode = await runProgram(process.argv.slice(2));
