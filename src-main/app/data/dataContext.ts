import type { Clock } from '#base/clock.ts';
import { LABELS } from '#compose/labels.ts';
import type { Project } from '#compose/project.ts';
import { AppFailure } from '#contract/errors.ts';
import type { Engine } from '#engine/engine.ts';
import type { ImageSummary } from '#engine/images.ts';
import type { VolumeSummary } from '#engine/storage.ts';
import { parseLanes } from '#middleware/lane.ts';
import type { SwitchFiles, SwitchWorld } from '#middleware/switch/world.ts';
import type { Runs } from '../runs.ts';
import type { CheckpointStore } from './checkpointStore.ts';
import type { VolumeFacts } from './volumeUse.ts';

/** What the data of one project needs of its workspace. */
export interface DataContext {
  readonly runs: Runs;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The project as it could be read last: data can be looked after while a file is broken. */
  readonly project: () => Project;
  /** Throws `engine.*` while there is no engine. */
  readonly engine: () => Engine;
  readonly store: () => CheckpointStore;
  readonly files: () => SwitchFiles;
  /** Reads the files again, after the override was written. */
  readonly reload: () => Promise<void>;
  readonly bootService: SwitchWorld['bootService'];
  /** Throws `run.busy` while another Slipway is at work on this project's data. */
  readonly requireUndisturbed: () => Promise<void>;
  /** Of a replacement of volumes. */
  readonly journal: JournalFile;
  /** Of what is stopped while it is copied. */
  readonly stopped: JournalFile;
}

interface JournalFile {
  read(): Promise<string | undefined>;
  write(text: string | undefined): Promise<void>;
}

/** What is there now. */
export async function lookAtVolumes(context: DataContext, signal?: AbortSignal): Promise<VolumeFacts> {
  const project = context.project();
  const engine = context.engine();
  const labels = [`com.docker.compose.project=${project.name}`];
  const [volumes, containers, lanes] = await Promise.all([
    engine.listVolumes({ signal }),
    engine.listContainers({ all: true, labels, signal }),
    context.files().readLanes(),
  ]);
  return { project, volumes, containers, lanes: parseLanes(lanes) };
}

export function volumeNamed(facts: VolumeFacts, name: string): VolumeSummary | undefined {
  return facts.volumes.find((volume) => volume.name === name);
}

/**
 * Any image will do, because nothing of it is run. Best is one of the project's own: others, above all those that another project has
 * built and those without a name, may be removed by whoever made them while the work goes on. Of equals the smallest, which brings the
 * least along. Throws where there is none.
 */
export async function anyImage(engine: Engine, project: Project, signal?: AbortSignal): Promise<string> {
  const images = await engine.listImages({ signal });
  const own = new Set(Object.values(project.services).flatMap(({ image }) => image ?? []));
  const rank = ({ tags, labels }: ImageSummary) => {
    if (tags.some((tag) => own.has(tag))) return 0;
    if (tags.length === 0) return 3;
    return labels[LABELS.project] === undefined ? 1 : 2;
  };
  const [best] = [...images].sort((a, b) => rank(a) - rank(b) || a.sizeBytes - b.sizeBytes);
  if (best) return best.id;
  throw new AppFailure({
    kind: 'input.invalid',
    message: 'There is no image on this machine, and a volume is reached through a container of one.',
    hint: 'Pull any image, such as the service’s own.',
  });
}
