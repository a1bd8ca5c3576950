import { describeBytes, describeLimit } from '#contract/describe.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { Action } from '../program.ts';
import { asked, requireServices, type Session, serviceRecords, withSession } from '../session.ts';
import { formatTable } from '../table.ts';

/** `slipway memory`, `slipway memory SERVICE 512m`. */
export const memory: Action<object> = (context, [service, limit]) =>
  withSession(context, 'engine', async (session) => {
    if (service !== undefined && limit !== undefined) return setLimit(session, service, limit);
    requireServices(session, service === undefined ? [] : [service]);
    const services = serviceRecords(session).filter(
      ({ name, disabled }) => !disabled && (service === undefined || name === service),
    );
    const used = await inUse(session, services);
    const rows = services.map(({ name, memory: own }) => ({
      service: name,
      usedBytes: used.get(name),
      limitBytes: own?.limitBytes,
      reservedBytes: own?.reservedBytes,
      oomKills: own?.oomKills ?? 0,
    }));
    session.output.document(rows);
    const line = (row: (typeof rows)[number]) => [
      row.service,
      row.usedBytes === undefined ? '' : describeBytes(row.usedBytes),
      row.limitBytes === undefined ? 'none' : describeLimit(row.limitBytes),
      String(row.oomKills),
    ];
    session.output.line(formatTable(['SERVICE', 'IN USE', 'LIMIT', 'OUT OF MEMORY'], rows.map(line)));
    return 0;
  });

async function setLimit(session: Session, service: string, limit: string): Promise<number> {
  const applied = await asked(
    session.client.memory.setLimit({ workspace: session.workspace, service, limit }),
  );
  session.output.document(applied);
  const reason = applied.type === 'nextBoot' && applied.reason ? ` ${applied.reason}` : '';
  const words = { live: 'has its new limit.', nextBoot: `gets its new limit with the next up.${reason}` };
  session.output.line(`${service} ${words[applied.type]}`);
  return 0;
}

/** The first figure of each service that runs; the engine gives one about every second. */
async function inUse(session: Session, services: readonly ServiceRecord[]): Promise<Map<string, number>> {
  const used = new Map<string, number>();
  const missing = new Set<string>(
    services
      .filter(({ replicas }) => replicas.some(({ state }) => state === 'running'))
      .map(({ name }) => name),
  );
  if (missing.size === 0) return used;
  const { workspace } = session;
  const enough = new AbortController();
  const signal = AbortSignal.any([session.signal, enough.signal]);
  const samples = await asked(
    session.client.service.stats({ workspace, services: [...missing] }, { signal }),
  );
  for await (const batch of samples) {
    for (const { service, memoryBytes } of batch) {
      used.set(service, memoryBytes);
      missing.delete(service);
    }
    if (missing.size === 0) break;
  }
  enough.abort();
  return used;
}
