/** Something outside the compose files that they count on and that is not there, found before anything runs. */
export interface Prerequisite {
  /** The same as long as the same thing is missing. */
  readonly id: string;
  readonly kind: 'network' | 'volume' | 'bind' | 'file' | 'context';
  /** One sentence: what is missing. */
  readonly title: string;
  /** What would come of it, or where to look. */
  readonly detail?: string | undefined;
  /** Who needs it. */
  readonly services: readonly string[];
  /** `stops`: a boot cannot do without it. `notes`: the engine would make up for it, perhaps not as it was meant. */
  readonly weight: 'stops' | 'notes';
  readonly fixes: readonly PrerequisiteFix[];
}

export interface PrerequisiteFix {
  readonly id: string;
  readonly label: string;
  /** What has to be asked for first: the path of a folder. */
  readonly asks?: 'folder' | undefined;
}
