import {
  overrideService,
  overrideVolume,
  restoreService,
  restoreVolume,
  serviceSection,
} from '#compose/override.ts';
import type { Project } from '#compose/project.ts';
import type { Lane } from '../lane.ts';
import { laneKey, type VersionSwitch } from './decide.ts';
import type { SwitchWorld } from './world.ts';

/** The override that gives the decided stack. Lanes that are not in use are not declared: `down --volumes` leaves them alone. */
export function overrideFor(
  before: string | undefined,
  decision: VersionSwitch,
  lanes: readonly Lane[],
): string | undefined {
  let text = withoutLanes(before, decision.service, lanes);
  text = overrideService(text, decision.service, {
    image: decision.toImage,
    ...(decision.mounts && { volumes: decision.mounts }),
    ...(decision.toHostname && { attributes: { hostname: { how: 'merge', value: decision.toHostname } } }),
  });
  if (decision.volumeKey && decision.target)
    text = overrideVolume(text, decision.volumeKey, decision.target.source);
  return text;
}

/** The same, but where the user's own files say it already, nothing is overridden any more. */
export async function chooseOverride(
  world: SwitchWorld,
  before: string | undefined,
  decision: VersionSwitch,
  lanes: readonly Lane[],
): Promise<string | undefined> {
  const bare = overrideService(withoutLanes(before, decision.service, lanes), decision.service, {
    image: null,
    volumes: null,
    ...(decision.toHostname && { attributes: { hostname: null } }),
  });
  const own = await world.loadWith(bare);
  return saysTheSame(own, decision) ? bare : overrideFor(before, decision, lanes);
}

/** An override in which others have written meanwhile, with what the switch has decided as it was `before`. */
export function choiceTakenBack(
  now: string | undefined,
  before: string | undefined,
  decision: VersionSwitch,
  lanes: readonly Lane[],
): string | undefined {
  const { service, volumeKey } = decision;
  const text = restoreService(now, service, {
    attributes: ['image', 'volumes', ...(decision.toHostname ? ['hostname'] : [])],
    environment: [],
    section: serviceSection(before, service),
  });
  const keys = [...laneKeys(service, lanes), ...(volumeKey ? [volumeKey] : [])];
  return keys.reduce((rest, key) => restoreVolume(rest, key, before), text);
}

function laneKeys(service: string, lanes: readonly Lane[]): string[] {
  const own = lanes.filter((lane) => lane.service === service);
  return own.flatMap(({ lane, product }) => [laneKey(service, lane), laneKey(service, product + lane)]);
}

function withoutLanes(text: string | undefined, service: string, lanes: readonly Lane[]): string | undefined {
  return laneKeys(service, lanes).reduce((rest, key) => overrideVolume(rest, key, null), text);
}

function saysTheSame(project: Project, decision: VersionSwitch): boolean {
  const service = project.services[decision.service];
  if (service?.image !== decision.toImage) return false;
  if (decision.toHostname !== undefined && service.hostname !== decision.toHostname) return false;
  const place = decision.target;
  if (!place) return true;
  const mount = service.volumes?.find((volume) => volume.target === place.target);
  const source = mount?.type === 'volume' ? project.volumes[mount.source ?? '']?.name : mount?.source;
  return source === place.source;
}
