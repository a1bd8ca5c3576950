import { AppFailure } from '#contract/errors.ts';
import type { Environment, Server } from '../profile.ts';

/** The product's client, without words. */
export function command(server: Server): readonly string[] {
  return [server.product === 'valkey' ? 'valkey-cli' : 'redis-cli'];
}

/** Never on a command line: the client reads it from its environment. */
export function secret(server: Server): Environment {
  const password = server.password ?? server.environment['REDIS_PASSWORD'];
  return password ? { REDISCLI_AUTH: password, VALKEYCLI_AUTH: password } : {};
}

const LIMIT_BYTES = 256 * 1024 * 1024;

/** Asks one thing. Throws `data.dumpFailed` on an error reply. */
export async function cli(server: Server, words: readonly string[]): Promise<string> {
  const result = await server.exec([...command(server), '--raw', ...words], {
    limitBytes: LIMIT_BYTES,
    env: secret(server),
  });
  const text = new TextDecoder().decode(result.stdout);
  const refused = /^(?:NOAUTH|ERR|NOPERM|WRONGPASS|MISCONF|\(error\))/.test(text);
  if (result.exitCode === 0 && !refused && !result.truncated) return text;
  const output = text.trim() || new TextDecoder().decode(result.stderr).trim();
  throw new AppFailure({
    kind: 'data.dumpFailed',
    service: '',
    output,
    message: `${words[0]}: ${output.slice(0, 300)}`,
  });
}
