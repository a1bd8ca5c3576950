import { connect, createServer } from 'node:net';

/**
 * Runs inside a private engine's network: `node relay.ts PORT SOCKET` answers on 127.0.0.1:PORT there and passes every
 * connection on to a unix socket, which the file system shares with the world outside. Ends with its parent's standard input.
 */
const [port, socketPath] = process.argv.slice(2);
if (port === undefined || socketPath === undefined) throw new Error('usage: relay.ts PORT SOCKET');

const server = createServer({ allowHalfOpen: true }, (inside) => {
  const outside = connect({ path: socketPath, allowHalfOpen: true });
  inside.on('error', () => outside.destroy()).on('close', () => outside.destroy());
  outside.on('error', () => inside.destroy()).on('close', () => inside.destroy());
  inside.pipe(outside).pipe(inside);
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
process.stdin.on('end', () => process.exit(0)).resume();
