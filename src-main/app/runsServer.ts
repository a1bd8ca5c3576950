import type { Service } from '#compose/project.ts';

/**
 * The programs that images of middleware exist for; what is started instead of them is a client, a backup, a migration. One is
 * a word of its own, with the path to it where it has one: the last part of `postgres://db/postgres` is none, and neither is an
 * option's value as in `psql -U postgres`, unless the option is the shell's own `-c`.
 */
const SERVERS =
  /(?<=^|[\s;&|])(?<!(?:^|\s)-(?!l?c\s)[\w-]+\s)(?:[\w.-]*\/)*(?:postgres|mysqld\w*|mariadbd\w*|(?:redis|valkey|rabbitmq|nats|kafka|zookeeper)-server(?:-start)?(?:\.sh)?|memcached|mongod|nginx|haproxy|consul|etcd|minio|nats|elasticsearch|opensearch|[\w-]*entrypoint\S*)(?=[\s;&|]|$)/;

/**
 * Whether a service of a middleware image runs its server. `image: postgres:15` with `command: pg_dump …` does not, and nobody
 * should wait until it answers.
 */
export function runsServer({
  entrypoint,
  command,
}: Partial<Pick<Service, 'entrypoint' | 'command'>>): boolean {
  const words = [...(entrypoint ?? []), ...(command ?? [])];
  if (words.length === 0) return true;
  // Flags alone are the image's own server's.
  if (!entrypoint?.length && words[0]?.startsWith('-')) return true;
  return SERVERS.test(words.join(' '));
}
