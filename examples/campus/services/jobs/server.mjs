// Offers from companies that look for students.
import { createServer } from 'node:http';

const offers = [
  { title: 'Firmware, summer', place: 'Turin' },
  { title: 'Databases, half time', place: 'Gdansk' },
];
const answer = (url) => {
  const place = url.searchParams.get('place');
  return place === null ? offers : offers.filter((offer) => offer.place === place);
};

const server = createServer((request, response) => {
  const value = request.url === '/healthz' ? 'ok' : answer(new URL(request.url, 'http://x'));
  response.setHeader('Content-Type', 'application/json').end(`${JSON.stringify(value)}\n`);
});
server.listen(8000, () => console.log('jobs listens on :8000'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
