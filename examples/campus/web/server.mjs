// The front page: what all the small services say, on one page.
import { createServer } from 'node:http';

const NAMES = 'members events groups quotes jobs calendar newsletter lockers checkins badges'.split(' ');

async function said(name) {
  try {
    const answer = await fetch(`http://${name}:8000/`, { signal: AbortSignal.timeout(2000) });
    return await answer.text();
  } catch (error) {
    return `does not answer (${error.name})`;
  }
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const server = createServer(async (request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  if (request.url === '/healthz') return response.end('ok');
  const parts = await Promise.all(NAMES.map(async (name) => `<h2>${name}</h2><pre>${escaped(await said(name))}</pre>`));
  response.end(`<!doctype html><title>Chapter</title><h1>Chapter</h1>${parts.join('')}`);
});
server.listen(8000, () => console.log('web listens on :8000'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
