import type { Project, Service } from '#compose/project.ts';
import type { ImageId } from '#contract/ids.ts';
import type { ObservedMount } from '../observed.ts';

/** Everything that decides the body of one replica's container. */
export interface BodyContext {
  readonly project: Project;
  readonly service: Service;
  readonly serviceName: string;
  readonly number: number;
  /** The engine's API version: what it cannot do is left out with a warning. */
  readonly apiVersion: string;
  readonly configHash: string;
  /** The image's id where it is known now; what is pulled or built first is filled in by the executor. */
  readonly imageId?: ImageId | undefined;
  /** Mount points that the image declares. */
  readonly imageVolumes: readonly string[];
  /** `links` and `external_links` as `container:alias`. */
  readonly links: readonly string[];
  /** The mounts of the container that this one replaces: its anonymous volumes are carried over. */
  readonly inherit: readonly ObservedMount[];
  /** Set when this one replaces another: the value of the label that says so. */
  readonly replaces?: string | undefined;
}
