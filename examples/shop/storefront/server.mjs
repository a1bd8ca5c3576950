// The page of the shop: the last orders and a form for a new one.
import { createServer } from 'node:http';

const api = process.env.API_URL ?? 'http://api:8000';
const port = Number(process.env.PORT ?? 3000);
const LONGEST_FORM = 16 * 1024;

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const page = (orders, stats) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Harbour shop</title>
<style>body{font:15px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}table{width:100%;border-collapse:collapse}
td,th{text-align:left;padding:.3rem .5rem;border-bottom:1px solid #ddd}form{margin:1rem 0}</style>
<h1>Harbour shop</h1><p>${stats.paid} orders paid so far · api ${escapeHtml(stats.release)}</p>
<form method="post" action="/"><input name="item" required placeholder="What would you like?"> <button>Order</button></form>
<table><tr><th>Order<th>Item<th>Status<th>Paid by</tr>${orders
  .map((o) => `<tr><td>${o.id}<td>${escapeHtml(o.item)} × ${o.quantity}<td>${escapeHtml(o.status)}<td>${escapeHtml(o.paid_by ?? '')}</tr>`)
  .join('')}</table></html>`;

async function readForm(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > LONGEST_FORM) throw new Error('form too long');
  }
  return new URLSearchParams(text);
}

async function call(path, options) {
  const response = await fetch(api + path, options);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

async function answer(request, response) {
  if (request.url === '/healthz') return response.end('ok\n');
  if (request.method === 'POST') {
    const item = (await readForm(request)).get('item') ?? '';
    await call('/orders', { method: 'POST', body: JSON.stringify({ item }) });
    return response.writeHead(303, { location: '/' }).end();
  }
  const [orders, stats] = await Promise.all([call('/orders'), call('/stats')]);
  return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(orders, stats));
}

const server = createServer(async (request, response) => {
  const begun = performance.now();
  try {
    await answer(request, response);
  } catch (error) {
    console.error(`ERROR ${error.message}`);
    response.writeHead(502, { 'content-type': 'text/plain' }).end('The shop is not ready yet.\n');
  }
  if (request.url !== '/healthz') console.log(`${request.method} ${request.url} ${response.statusCode} ${(performance.now() - begun).toFixed(0)} ms`);
});

process.on('SIGTERM', () => process.exit(0));
server.listen(port, () => console.log(`listening on :${port}`));
