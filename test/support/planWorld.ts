import { LABELS, parseContainerLabels } from '#compose/labels.ts';
import { loadProject } from '#compose/load.ts';
import type { ComposeFileReader } from '#compose/loadOptions.ts';
import type { Project, Service } from '#compose/project.ts';
import type { ContainerId, ImageId } from '#contract/ids.ts';
import { imageName } from '#plan/containerBody/containerBody.ts';
import { formatPlan } from '#plan/formatPlan.ts';
import { configHashes } from '#plan/hashes.ts';
import type { ReconcileInput } from '#plan/input.ts';
import type { ObservedContainer, ObservedImage, ObservedState } from '#plan/observed.ts';
import type { ReconcileOptions } from '#plan/options.ts';
import type { CreateStep, Plan, Step, Target } from '#plan/plan.ts';
import { reconcile } from '#plan/reconcile.ts';
import { withContainerIds } from '#plan/sharedContainers.ts';

const FOLDER = '/home/dev/shop';

/** A project out of the text of its compose file, loaded as it is in life. */
export async function projectOf(yaml: string, folder = FOLDER): Promise<Project> {
  const file = `${folder}/compose.yaml`;
  const reader: ComposeFileReader = {
    readText: async (path) => (path === file ? yaml : undefined),
    kind: async (path) => (path === file ? 'file' : path === folder ? 'folder' : undefined),
    realPath: async (path) => path,
  };
  const loaded = await loadProject({ workingDir: folder, environment: {}, reader });
  if (loaded.type !== 'loaded') throw new Error(loaded.errors.map((error) => error.message).join('\n'));
  return loaded.project;
}

/** An engine with nothing in it but these images; all that the project names where none are given. */
export function emptyEngine(project: Project, images?: readonly string[]): ObservedState {
  const named = Object.entries(project.services).map(([name, service]) => imageName(project, name, service));
  const present = (images ?? named).map((reference) => [reference, imageOf(reference)]);
  return { containers: [], networks: [], volumes: [], images: Object.fromEntries(present), at: 0 };
}

export function imageOf(reference: string, change: Partial<ObservedImage> = {}): ObservedImage {
  const id = `sha256:${reference}` as ImageId;
  return { id, platform: 'linux/amd64', volumes: [], hasHealthcheck: false, env: ['PATH=/bin'], ...change };
}

export function inputOf(
  project: Project,
  observed: ObservedState,
  options: ReconcileOptions = {},
): ReconcileInput {
  return { project, observed, hashes: configHashes(project), apiVersion: '1.41', options };
}

/** The plan of a boot as text, up to the last start; with `until: ready` the waits at its end too. */
export function bootText(project: Project, observed: ObservedState, options: ReconcileOptions = {}): string {
  return formatPlan(reconcile(inputOf(project, observed, { until: 'started', ...options })));
}

export function lines(...text: string[]): string {
  return text.join('\n');
}

/** What the engine holds when a boot of the project has gone well. */
export function booted(
  project: Project,
  before = emptyEngine(project),
  options: ReconcileOptions = {},
): ObservedState {
  return afterPlan(project, before, reconcile(inputOf(project, before, options)));
}

/** What the engine holds after a plan: every step done, every check passed, every awaited end a 0. */
export function afterPlan(project: Project, before: ObservedState, plan: Plan): ObservedState {
  const world = new PlanWorld(project, before);
  for (const step of plan.steps) world.apply(step);
  return world.state();
}

/** The state with one container of a service changed. */
export function withContainer(
  observed: ObservedState,
  service: string,
  change: Partial<ObservedContainer>,
): ObservedState {
  return {
    ...observed,
    containers: observed.containers.map((container) =>
      container.service === service ? { ...container, ...change } : container,
    ),
  };
}

class PlanWorld {
  readonly #project: Project;
  readonly #containers = new Map<ContainerId, ObservedContainer>();
  readonly #created = new Map<number, ContainerId>();
  #state: ObservedState;
  #count = 0;

  constructor(project: Project, before: ObservedState) {
    this.#project = project;
    this.#state = before;
    this.#count = before.containers.length;
    for (const container of before.containers) this.#containers.set(container.id, container);
  }

  state(): ObservedState {
    return { ...this.#state, containers: [...this.#containers.values()] };
  }

  apply(step: Step): void {
    switch (step.kind) {
      case 'createNetwork':
        this.#addNetwork(step.body.Name, step.body.Labels ?? {});
        return;
      case 'createVolume':
        this.#addVolume(step.body.Name, step.body.Labels ?? {});
        return;
      case 'pull':
      case 'build':
        this.#state = {
          ...this.#state,
          images: { ...this.#state.images, [step.image]: imageOf(step.image) },
        };
        return;
      case 'create':
        this.#create(step);
        return;
      case 'start':
        this.#change(step.container, {
          state: 'running',
          startedAt: 1,
          health: this.#healthOf(step.container),
        });
        return;
      case 'await':
        if (step.condition === 'service_completed_successfully')
          for (const target of step.containers) this.#change(target, { state: 'exited', exitCode: 0 });
        return;
      case 'stop':
        this.#change(step.container, { state: 'exited', exitCode: 137 });
        return;
      case 'remove':
        this.#containers.delete(this.#idOf(step.container));
        return;
      case 'rename':
        this.#change(step.container, { name: step.to });
        return;
      case 'removeNetwork':
        this.#state = {
          ...this.#state,
          networks: this.#state.networks.filter((network) => network.id !== step.id),
        };
        return;
      case 'removeVolume':
        this.#state = {
          ...this.#state,
          volumes: this.#state.volumes.filter((volume) => volume.name !== step.name),
        };
        return;
      case 'restart':
      case 'hook':
        return;
    }
  }

  #healthOf(target: Target): 'healthy' | 'none' {
    return this.#containers.get(this.#idOf(target))?.hasHealthcheck ? 'healthy' : 'none';
  }

  #idOf(target: Target): ContainerId {
    return target.type === 'existing' ? target.id : (this.#created.get(target.step) as ContainerId);
  }

  #change(target: Target, change: Partial<ObservedContainer>): void {
    const id = this.#idOf(target);
    const known = this.#containers.get(id);
    if (known === undefined) throw new Error(`No container ${target.name}`);
    this.#containers.set(id, { ...known, ...change });
  }

  #create(step: CreateStep): void {
    this.#count += 1;
    const id = this.#count.toString(16).padStart(64, '0') as ContainerId;
    this.#created.set(step.index, id);
    const resolved = this.#resolve(step);
    const labels: Record<string, string> = { ...step.body.Labels };
    if (resolved !== undefined) labels[LABELS.configHash] = configHashes(this.#project).of(resolved);
    const parsed = parseContainerLabels(labels);
    if (parsed === undefined) throw new Error(`${step.name} has no labels`);
    const networks = Object.keys(step.body.NetworkingConfig?.EndpointsConfig ?? {});
    const joined = [...networks, ...step.connect.map(({ network }) => network)];
    this.#containers.set(id, {
      ...parsed,
      id,
      name: step.name,
      dependsOn: parsed.dependencies,
      labels,
      image: step.body.Image,
      imageId: this.#state.images[step.body.Image]?.id ?? ('sha256:none' as ImageId),
      state: 'created',
      health: 'none',
      exitCode: 0,
      oomKilled: false,
      restartCount: 0,
      createdAt: this.#count,
      hasHealthcheck: step.body.Healthcheck?.Test !== undefined,
      tty: false,
      mounts: this.#mountsOf(step),
      networks: Object.fromEntries(joined.map((name) => [name, this.#endpoint(name)])),
      ports: [],
      effective: { config: { ...step.body }, hostConfig: { ...step.body.HostConfig, ...modesOf(resolved) } },
    });
  }

  #resolve(step: CreateStep): Service | undefined {
    if (step.unresolved === undefined) return undefined;
    return withContainerIds(step.unresolved, (name) => {
      const target = step.references.find((reference) => reference.service === name)?.target;
      return target && this.#idOf(target);
    });
  }

  #mountsOf(step: CreateStep): ObservedContainer['mounts'] {
    const binds = (step.body.HostConfig?.Binds ?? []).map((bind) => {
      const [source = '', destination = ''] = bind.split(':');
      const type = source.startsWith('/') ? ('bind' as const) : ('volume' as const);
      return { type, name: source, source, destination, readWrite: true };
    });
    const anonymous = (this.#state.images[step.body.Image]?.volumes ?? []).map((destination) => ({
      type: 'volume' as const,
      name: `anonymous-${this.#count}`,
      source: `/var/lib/anonymous-${this.#count}`,
      destination,
      readWrite: true,
    }));
    return [...binds, ...anonymous];
  }

  #endpoint(name: string) {
    const networkId = this.#state.networks.find((network) => network.name === name)?.id ?? '';
    return { networkId, ip: '', aliases: [] };
  }

  #addNetwork(name: string, labels: Readonly<Record<string, string>>): void {
    const network = {
      id: `network-${name}-${labels[LABELS.configHash]?.slice(0, 4)}`,
      name,
      key: labels[LABELS.network],
      project: labels[LABELS.project],
      configHash: labels[LABELS.configHash],
      driver: 'bridge',
      labels,
    };
    this.#state = { ...this.#state, networks: [...this.#state.networks, network] };
  }

  #addVolume(name: string, labels: Readonly<Record<string, string>>): void {
    const volume = {
      name,
      key: labels[LABELS.volume],
      project: labels[LABELS.project],
      configHash: labels[LABELS.configHash],
      driver: 'local',
      labels,
      options: {},
    };
    this.#state = { ...this.#state, volumes: [...this.#state.volumes, volume] };
  }
}

function modesOf(service: Service | undefined): Record<string, unknown> {
  return service === undefined ? {} : { NetworkMode: service.network_mode, PidMode: service.pid };
}
