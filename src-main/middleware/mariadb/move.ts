import { AppFailure } from '#contract/errors.ts';
import type { CarryContext, PipeResult, Server } from '../profile.ts';
import { grantsOf, listAccounts, listDatabases, listRoles, query, secret, tool } from './client.ts';
import { translateDump } from './translateDump.ts';

/** Moves users with their grants, then all databases with routines, triggers and events in one consistent dump. */
export async function moveMariadb(context: CarryContext): Promise<void> {
  const { source, target, signal, onProgress } = context;
  const databases = await listDatabases(source, signal);
  if (databases.length > 0) {
    const words = [
      '--single-transaction',
      '--quick',
      '--routines',
      '--events',
      '--triggers',
      '--hex-blob',
      '--default-character-set=utf8mb4',
      '--databases',
      ...databases,
    ];
    await pipe(context, words, 'the databases', (bytes) =>
      onProgress({ text: `${databases.length} databases`, bytes }),
    );
  }
  onProgress({ text: 'users' });
  await moveUsers(source, target, signal);
}

async function pipe(
  { source, target, signal }: CarryContext,
  words: readonly string[],
  what: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const result = await source.pipeTo(
    [tool(source, 'dump'), '--user=root', ...words],
    target,
    [tool(target, 'client'), '--user=root', '--default-character-set=utf8mb4'],
    {
      signal,
      onBytes,
      env: secret(source),
      targetEnv: secret(target),
      filter: (bytes) => translateDump(bytes, { from: source.version, to: target.version }),
    },
  );
  check(result, what);
}

/** Accounts as the source itself would write them; root and the server's own accounts exist on both sides. */
async function moveUsers(source: Server, target: Server, signal?: AbortSignal): Promise<void> {
  const accounts = await listAccounts(source, signal);
  const roles = await listRoles(source, signal);
  const statements = roles.map((role) => `CREATE ROLE IF NOT EXISTS ${role};`);
  for (const account of accounts) {
    const [created] = await query(source, `SHOW CREATE USER ${account};`, signal);
    if (created) statements.push(`${created.replace(/^CREATE USER/, 'CREATE OR REPLACE USER')};`);
  }
  for (const account of [...roles, ...accounts]) {
    statements.push(...(await grantsOf(source, account, signal)).map((grant) => `${grant};`));
  }
  if (statements.length > 0) await query(target, statements.join('\n'), signal);
}

function check(result: PipeResult, what: string): void {
  if (result.sourceExitCode === 0 && result.targetExitCode === 0) return;
  const output = [result.sourceErrors, result.targetOutput].filter(Boolean).join('\n').trim();
  const side = result.targetExitCode !== 0 ? 'restored' : 'dumped';
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output,
    message: `${what} could not be ${side}: ${output.split('\n')[0]?.slice(0, 300)}`,
  });
}

/** Bytes of all tables and indexes together. */
export async function mariadbSize(server: Server): Promise<number | undefined> {
  const [bytes] = await query(
    server,
    'SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables;',
  );
  return bytes === undefined ? undefined : Number(bytes);
}
