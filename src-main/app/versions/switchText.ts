import { parseImageReference } from '#base/imageReference.ts';
import type { Project } from '#compose/project.ts';
import type { SwitchPlanView } from '#contract/requests/versions.ts';
import type { MiddlewareProfile } from '#middleware/profile.ts';
import { PROFILES, recognise } from '#middleware/profiles.ts';
import type { DataChoice, VersionSwitch } from '#middleware/switch/decide.ts';
import { switchSteps } from '#middleware/switch/steps.ts';
import { dependentsOf } from './versions.ts';

/** A decided switch, for a person to read before it runs. */
export function planText(decision: VersionSwitch, project: Project): SwitchPlanView {
  return {
    fromImage: decision.fromImage,
    toImage: decision.toImage,
    data: decision.data,
    choices: decision.choices
      .filter((choice, index, all) => all.findIndex((other) => other.data === choice.data) === index)
      .map((choice) => ({ data: choice.data, ...explain(choice.data, decision, choice.lane?.carriedFrom) })),
    steps: switchSteps(decision, dependentsOf(project, decision.service)),
    notes: notesOf(decision),
    undo: `Back to ${tagOf(decision.fromImage)} any time, in one click.`,
  };
}

function explain(
  data: DataChoice,
  decision: VersionSwitch,
  carriedFrom: string | undefined,
): { title: string; explanation: string } {
  const from = tagOf(decision.fromImage);
  const to = tagOf(decision.toImage);
  switch (data) {
    case 'carry':
      return {
        title: 'Carry the data over',
        explanation: `${profileOf(decision)?.data?.carry?.how ?? ''} The data of ${from} stays as it is.`,
      };
    case 'resume':
      return {
        title: `Return to the data of ${to}`,
        explanation: `As ${to} was left${carriedFrom ? `, carried from ${tagOf(carriedFrom)} then` : ''}. What ${from} has written since stays with ${from}.`,
      };
    case 'fresh':
      return {
        title: 'Start fresh',
        explanation: `An empty volume for ${to}, filled by the image's init scripts. The data of ${from} stays as it is.`,
      };
  }
}

function notesOf(decision: VersionSwitch): readonly string[] {
  const profile = profileOf(decision);
  const notes: string[] = [];
  if (decision.data === 'carry')
    notes.push(...(profile?.data?.leavesBehind ?? []).map((left) => `Stays behind: ${left}.`));
  if (decision.data === 'fresh' && decision.whyNoCarry) notes.push(decision.whyNoCarry);
  if (profile && !profile.data)
    notes.push(
      `${profile.title} keeps no data of its own: it starts ${profile.product === 'memcached' ? 'empty' : 'with the same configuration'}.`,
    );
  if (profile?.data?.unproved && decision.data !== 'none') notes.push(profile.data.unproved);
  notes.push(...trapsOf(decision, profile));
  if (decision.toHostname !== undefined && decision.toHostname !== decision.fromHostname)
    notes.push(
      `${profile?.title} keeps its data under its host name; the override gives ${decision.service} one that stays: ${decision.toHostname}.`,
    );
  if (decision.source && decision.target && decision.source.target !== decision.target.target) {
    notes.push(
      `The image keeps its data at ${decision.target.target} from this version on; the mount moves with it.`,
    );
  }
  return notes;
}

function trapsOf(decision: VersionSwitch, profile: MiddlewareProfile | undefined): readonly string[] {
  const from = recognise(decision.fromImage, decision.product)?.version;
  const to = recognise(decision.toImage, decision.product)?.version;
  if (!from || !to) return [];
  return profile?.data?.traps?.({ from, to, data: decision.data }) ?? [];
}

function profileOf(decision: VersionSwitch) {
  return PROFILES.find((profile) => profile.product === decision.product);
}

function tagOf(image: string): string {
  const reference = parseImageReference(image);
  return reference?.tag ?? reference?.digest?.slice(0, 19) ?? image;
}
