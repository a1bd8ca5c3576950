import { AppFailure } from '#contract/errors.ts';
import type { CarryContext, Server } from '../profile.ts';
import { cli, command, secret } from './client.ts';
import { forOlderServers } from './olderCommands.ts';

/** Streams carry counters since this version. */
const STREAM_COUNTERS_SINCE = 7;

export async function moveKeys({ source, target, signal, onProgress }: CarryContext): Promise<void> {
  await setting(source, 'aof-use-rdb-preamble', 'no');
  onProgress({ text: 'writing out every key' });
  await cli(source, ['BGREWRITEAOF']);
  await waitForRewrite(source, signal);
  const result = await source.pipeFileTo(await aofPath(source), target, [...command(target), '--pipe'], {
    signal,
    filter: (target.version.numbers[0] ?? 0) < STREAM_COUNTERS_SINCE ? forOlderServers : undefined,
    env: secret(source),
    targetEnv: secret(target),
    onBytes: (bytes) => onProgress({ text: 'replaying', bytes }),
  });
  const failed = /errors: (\d+)/.exec(result.targetOutput)?.[1];
  if (result.sourceExitCode !== 0 || result.targetExitCode !== 0 || failed !== '0') {
    const output = `${result.sourceErrors}\n${result.targetOutput}`.trim();
    throw new AppFailure({
      kind: 'data.dumpFailed',
      service: '',
      output,
      message: `The target refused ${failed ?? 'some'} of the commands: ${output.slice(0, 300)}`,
    });
  }
  await persist(target, signal);
}

/** Everything on disk before the target is stopped, in the way its own configuration keeps it. */
async function persist(target: Server, signal: AbortSignal | undefined): Promise<void> {
  if (/yes/.test(await cli(target, ['CONFIG', 'GET', 'appendonly']))) {
    await cli(target, ['BGREWRITEAOF']);
    await waitForRewrite(target, signal);
  }
  await cli(target, ['SAVE']);
}

async function setting(server: Server, name: string, value: string): Promise<void> {
  await cli(server, ['CONFIG', 'SET', name, value]);
}

/** The rewrite has no event, and a client cannot wait for it: the server is asked, one exec after the other. */
async function waitForRewrite(server: Server, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const info = await cli(server, ['INFO', 'persistence']);
    const busy = /aof_rewrite_in_progress:1|aof_rewrite_scheduled:1/.test(info);
    if (busy) continue;
    if (/aof_last_bgrewrite_status:ok/.test(info)) return;
    throw new AppFailure({
      kind: 'data.dumpFailed',
      service: '',
      output: info,
      message: 'The server could not write its keys out.',
    });
  }
}

/** Where the rewritten file is: one file up to version 6, a base file in a folder from 7 on. */
async function aofPath(server: Server): Promise<string> {
  const read = async (name: string) =>
    (await cli(server, ['CONFIG', 'GET', name])).trim().split('\n').at(-1)?.trim() ?? '';
  const dir = await read('dir');
  const file = await read('appendfilename');
  if ((server.version.numbers[0] ?? 0) < 7) return `${dir}/${file}`;
  const folder = await read('appenddirname');
  const listing = await server.exec([
    'sh',
    '-c',
    'ls -1t "$1" | grep "\\.base\\.aof$" | head -n 1',
    'sh',
    `${dir}/${folder}`,
  ]);
  return `${dir}/${folder}/${new TextDecoder().decode(listing.stdout).trim()}`;
}
