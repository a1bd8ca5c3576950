import type { Server } from '../profile.ts';
import { cli } from './client.ts';

/**
 * A server without save points and without an append-only file forgets everything when it is stopped. Given one, it writes its
 * file on the way down. Said to the running server alone, so its own settings count again after its next start.
 */
export async function keepKeys(server: Server): Promise<void> {
  const read = async (name: string) =>
    (await cli(server, ['CONFIG', 'GET', name])).trim().split('\n').slice(1).join('').trim();
  if ((await read('appendonly')) === 'yes' || (await read('save')) !== '') return;
  await cli(server, ['CONFIG', 'SET', 'save', '3600 1']);
}
