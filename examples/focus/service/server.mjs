// One program for four services: what it does depends on its ROLE. Every answer says which release gave it.
import { createServer } from 'node:http';

const { ROLE: role, RELEASE: release } = process.env;
const balances = { ada: 1000, grace: 250 };

async function post(service, value) {
  const answer = await fetch(`http://${service}:8000/`, { method: 'POST', body: JSON.stringify(value) });
  if (!answer.ok) throw new Error(`${service} answered ${answer.status}`);
  return answer.json();
}

const roles = {
  front: (given) => post('transfers', given),
  accounts: ({ from, to, amount }) => {
    if (!(balances[from] >= amount)) throw new Error(`${from} has not enough`);
    balances[from] -= amount;
    balances[to] = (balances[to] ?? 0) + amount;
    return { balance: balances[from], by: { accounts: release } };
  },
  notices: ({ to }) => ({ letter: `Dear ${to}, money has come.`, by: { notices: release } }),
  transfers: async (given) => {
    const account = await post('accounts', given);
    const booking = await post('ledger', given);
    const notice = await post('notices', given);
    const by = { ...account.by, ...booking.by, ...notice.by, transfers: release };
    return { ...account, ...booking, ...notice, by };
  },
};

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

const server = createServer(async (request, response) => {
  try {
    const value = request.url === '/healthz' ? 'ok' : await roles[role](await bodyOf(request));
    response.end(`${JSON.stringify(value)}\n`);
  } catch (error) {
    console.error(error.message);
    response.writeHead(502).end(`${JSON.stringify({ error: error.message })}\n`);
  }
});
server.listen(8000, () => console.log(`${role} (${release}) listens on :8000`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
