import { describeState } from '#contract/describe.ts';
import type { Replica, ServiceRecord } from '#contract/model.ts';
import type { Action } from '../program.ts';
import { serviceDocument } from '../runOutcome.ts';
import { requireServices, type Session, serviceRecords, withSession, workspaceRecord } from '../session.ts';
import { formatTable } from '../table.ts';

interface PsOptions {
  readonly all?: boolean;
  readonly quiet?: boolean;
  readonly services?: boolean;
  readonly format?: 'table' | 'json';
}

interface Row {
  readonly service: ServiceRecord;
  readonly replica: Replica;
}

/** `slipway ps [SERVICE…]` */
export const ps: Action<PsOptions> = (context, names, options) =>
  withSession(context, 'engine', async (session) => {
    requireServices(session, names);
    const services = chosen(serviceRecords(session), names);
    session.output.document(stackDocument(session, services));
    const rows = services.flatMap((service) =>
      service.replicas
        .filter((replica) => options.all || ALIVE.has(replica.state))
        .map((replica) => ({ service, replica })),
    );
    for (const line of linesOf(rows, options)) session.output.line(line);
    return 0;
  });

/** What docker compose lists without `-a`. */
const ALIVE = new Set<Replica['state']>(['running', 'paused', 'restarting']);

function chosen(services: readonly ServiceRecord[], names: readonly string[]): readonly ServiceRecord[] {
  return names.length === 0 ? services : services.filter((service) => names.includes(service.name));
}

function stackDocument(session: Session, services: readonly ServiceRecord[]): object {
  const record = workspaceRecord(session);
  return {
    project: record?.name,
    folder: record?.folder,
    composeFiles: record?.composeFiles,
    services: services.map(serviceDocument),
    orphans: record?.orphans,
  };
}

function linesOf(rows: readonly Row[], options: PsOptions): readonly string[] {
  if (options.quiet) return rows.map(({ replica }) => replica.id);
  if (options.services) return [...new Set(rows.map(({ service }) => service.name))];
  if (options.format === 'json') return rows.map((row) => JSON.stringify(composeRow(row)));
  return [formatTable(['NAME', 'IMAGE', 'SERVICE', 'STATUS', 'PORTS'], rows.map(tableRow))];
}

function tableRow({ service, replica }: Row): readonly string[] {
  return [replica.name, replica.image, service.name, replicaWords({ service, replica }), portsOf(service)];
}

/** With one replica the service's state is the replica's; with more, each says its own. */
function replicaWords({ service, replica }: Row): string {
  if (service.replicas.length === 1) return describeState(service, Date.now());
  return replica.health === 'none' ? replica.state : `${replica.state} (${replica.health})`;
}

function portsOf(service: ServiceRecord): string {
  return service.ports
    .map(({ host, published, target, protocol }) => `${host}:${published}->${target}/${protocol}`)
    .join(', ');
}

/** The fields of `docker compose ps --format json`, for scripts that read those. */
function composeRow({ service, replica }: Row): object {
  return {
    ID: replica.id.slice(0, 12),
    Name: replica.name,
    Service: service.name,
    Image: replica.image,
    State: replica.state,
    Health: replica.health === 'none' ? '' : replica.health,
    ExitCode: replica.exitCode,
    Publishers: service.ports.map(({ host, published, target, protocol }) => ({
      URL: host,
      TargetPort: target,
      PublishedPort: published,
      Protocol: protocol,
    })),
  };
}
