import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { version } from './version.mjs';

const server = createServer((request, response) => {
  // Long enough that a replacement always meets requests under way.
  setTimeout(() => response.end(`${version} ${hostname()}`), request.url === '/healthz' ? 0 : 10);
});
server.listen(3000);
// Requests under way are answered; then it ends.
process.on('SIGTERM', () => server.close(() => process.exit(0)));
