import type { CheckpointReason, CheckpointView, VolumeView } from '#contract/requests/data.ts';

/** Why something is in the bin, as a person says it. */
export function describeReason(reason: CheckpointReason): string {
  switch (reason) {
    case 'asked':
      return 'taken by hand';
    case 'imported':
      return 'imported from a file';
    case 'down':
      return 'deleted by a down';
    case 'restore':
      return 'replaced by a restore';
    case 'reset':
      return 'replaced by a reset';
    case 'recreated':
      return 'made anew as the files define it';
    case 'removed':
      return 'deleted by hand';
  }
}

/** What a volume holds: the line of versions, and where its data came from. */
export function describeVolume({ lane, external, changed }: VolumeView): string {
  const words = [
    lane ? `${lane.product} ${lane.lane}` : '',
    lane?.carriedFrom ? `carried from ${lane.carriedFrom}` : '',
    lane?.failed ? 'its switch was taken back' : '',
    external ? 'external' : '',
    changed ? 'defined otherwise in the files now' : '',
  ];
  return words.filter(Boolean).join(' · ');
}

/** What a checkpoint holds, by service where one is known. */
export function describeContent({ services, volumes }: CheckpointView): string {
  if (services.length === 0) return volumes.map(({ name }) => shortVolume(name)).join(', ');
  return services.map(({ name, image }) => (image ? `${name} (${image})` : name)).join(', ');
}

/** A name that the engine made up is 64 figures long. */
export function shortVolume(name: string): string {
  return /^[0-9a-f]{64}$/.test(name) ? `unnamed ${name.slice(0, 12)}` : name;
}
