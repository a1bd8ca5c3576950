// The week as the front page shows it.
import { createServer } from 'node:http';

const plan = { monday: 'office hours', thursday: 'talks', friday: 'games' };
const answer = () => plan;

const server = createServer((request, response) => {
  const value = request.url === '/healthz' ? 'ok' : answer(new URL(request.url, 'http://x'));
  response.setHeader('Content-Type', 'application/json').end(`${JSON.stringify(value)}\n`);
});
server.listen(8000, () => console.log('calendar listens on :8000'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
