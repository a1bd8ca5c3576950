import type { PreparedServer } from '../profile.ts';

/** Index builds sort in memory where the service's own limit leaves room for it. */
const SORT_MEMORY_MB = 512;
const ROOM_BYTES = 2 * 1024 ** 3;

/**
 * The server's command for the time of a carry. The target is thrown away when anything goes wrong, so it need not be able
 * to recover half-way: tables that are filled in the transaction that emptied them skip the write-ahead log, and nothing
 * else waits for the disk. A checkpoint at the end puts everything into its files.
 * Source: postgresql.org/docs, "Populating a Database".
 */
export function tunedCommand(
  command: readonly string[],
  { side, version, memoryBytes = Number.POSITIVE_INFINITY }: PreparedServer,
): readonly string[] {
  const [program = ''] = command;
  // A wrapper of somebody's own might not hand these words on.
  if (program !== 'postgres' && !program.startsWith('-')) return command;
  const settings = { ...(side === 'target' ? TARGET : SOURCE), ...sorting(side, memoryBytes) };
  // Compiling takes longer than what is asked here, each once.
  const compiling = (version.numbers[0] ?? 0) >= 11 ? { jit: 'off' } : {};
  const later = (version.numbers[0] ?? 0) >= 17 && side === 'target' ? { summarize_wal: 'off' } : {};
  return [
    ...command,
    ...Object.entries({ ...settings, ...compiling, ...later }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]),
  ];
}

const SOURCE = { autovacuum: 'off', synchronous_commit: 'off' };
const TARGET = {
  autovacuum: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  archive_mode: 'off',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
};

function sorting(side: PreparedServer['side'], memoryBytes: number): Readonly<Record<string, string>> {
  if (side === 'source' || memoryBytes < ROOM_BYTES) return {};
  return { maintenance_work_mem: `${SORT_MEMORY_MB}MB` };
}
