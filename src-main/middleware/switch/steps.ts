import type { VersionSwitch } from './decide.ts';
import type { SwitchStep } from './world.ts';

/** What will happen, in words, before it happens. The same list is what a run shows while it works. */
export function switchSteps(decision: VersionSwitch, dependents: readonly string[]): readonly SwitchStep[] {
  const { service, fromImage, toImage, source, target, data } = decision;
  const steps: SwitchStep[] = [
    {
      name: 'pull',
      kind: 'pull',
      label: `have ${toImage} on this machine`,
      cause: `${service} moves from ${fromImage}`,
    },
    {
      name: 'stop',
      kind: 'stop',
      label: `stop ${service}`,
      cause: data === 'carry' ? 'no write may come in while its data is carried' : 'it is replaced',
    },
  ];
  if (data === 'carry') {
    steps.push(
      {
        name: 'prepare',
        kind: 'createVolume',
        label: `new volume ${target?.source ?? ''}; a copy of ${source?.source ?? 'the old data'}, which is not touched`,
        cause: `${toImage} has another data format`,
      },
      {
        name: 'move',
        kind: 'dump',
        label: `dump the copy with ${fromImage}, restore into ${toImage}`,
        cause: 'the data is carried',
      },
      { name: 'verify', kind: 'verify', label: 'compare both sides', cause: 'a difference stops the switch' },
    );
  }
  steps.push(
    {
      name: 'commit',
      kind: 'other',
      label: 'write the choice to .slipway/override.yaml',
      cause: 'plain docker compose gives the same stack',
    },
    {
      name: 'start',
      kind: 'start',
      label: startLabel(decision, dependents),
      cause: 'the new version takes over',
    },
    {
      name: 'clean',
      kind: 'remove',
      label: `remove the old container; its data stays in ${source?.source ?? 'its volume'}`,
      cause: 'the new one is healthy',
    },
  );
  return steps;
}

function startLabel(decision: VersionSwitch, dependents: readonly string[]): string {
  const how = HOW[decision.data];
  const others =
    dependents.length > 0
      ? `; ${dependents.join(', ')} reconnect${dependents.length === 1 ? 's' : ''}, nothing else restarts`
      : '; nothing else restarts';
  return `start ${decision.service} on ${decision.toImage}${how}${others}`;
}

const HOW: Readonly<Record<VersionSwitch['data'], string>> = {
  none: '',
  carry: ' with the carried data',
  resume: ' with the data it was left with',
  fresh: ' on an empty volume',
};
