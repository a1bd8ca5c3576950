import { LogStore } from './logStore.ts';

/** Writes numbered lines as fast as it can and says how many are safe, until it is killed. */
const [folder = '', round = ''] = process.argv.slice(2);
const store = await LogStore.open({ folder });
const lane = store.lane({ service: 'api', number: 1 });
const entry = lane.container('c1');
for (let index = 0; ; index++) {
  const text = Buffer.from(`${round} ${index} a line of a writer that will be killed`);
  lane.append(entry, 0, 1000 + Number(round), index, text, 0, text.length);
  if (index % 997 !== 0) continue;
  await store.flush();
  process.stdout.write(`${index + 1}\n`);
}
