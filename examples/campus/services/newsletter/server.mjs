// How many letters would go out, and how the next one begins.
import { createServer } from 'node:http';

const readers = 214;
const answer = () => ({ readers, subject: 'This month at the chapter' });

const server = createServer((request, response) => {
  const value = request.url === '/healthz' ? 'ok' : answer(new URL(request.url, 'http://x'));
  response.setHeader('Content-Type', 'application/json').end(`${JSON.stringify(value)}\n`);
});
server.listen(8000, () => console.log('newsletter listens on :8000'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
