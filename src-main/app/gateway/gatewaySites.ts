import type { RecordKey, ServiceRecord } from '#contract/model.ts';
import type { ObservedContainer } from '#plan/observed.ts';
import type { StateFeed } from '../stateFeed.ts';
import type { Workspaces } from '../workspaces.ts';
import type { GatewaySite } from './gatewayMatch.ts';
import { gatewayRoutes } from './gatewayRoutes.ts';

/** An open project with what the gateway must know at the moment of a request. */
export interface OpenSite extends GatewaySite {
  readonly record: (service: string) => ServiceRecord | undefined;
  readonly replicas: (service: string) => readonly ObservedContainer[];
}

/** The open projects whose files could be read. */
export function openSites(workspaces: Workspaces, feed: StateFeed): OpenSite[] {
  return workspaces.all.flatMap((workspace) => {
    const project = workspace.source.shown;
    if (project === undefined) return [];
    return [
      {
        project: project.name,
        routes: gatewayRoutes(project, workspace.containers),
        services: Object.keys({ ...project.services, ...project.disabledServices }),
        record: (service: string) => serviceRecord(feed, `service:${workspace.id}/${service}`),
        replicas: (service: string) => workspace.replicas(service),
      },
    ];
  });
}

function serviceRecord(feed: StateFeed, key: string): ServiceRecord | undefined {
  const record = feed.get(key as RecordKey);
  return record?.type === 'service' ? record : undefined;
}
