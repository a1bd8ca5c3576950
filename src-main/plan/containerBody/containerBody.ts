import { builtImageName } from '#compose/names.ts';
import type { Project, Service } from '#compose/project.ts';
import type { ContainerBody, EndpointBody, HostConfigBody } from '#engine/bodies.ts';
import type { InjectedFile } from '../plan.ts';
import { capabilities } from './capabilities.ts';
import type { BodyContext } from './context.ts';
import { fileMounts } from './files.ts';
import { healthcheckBody } from './healthcheck.ts';
import { containerLabels } from './labels.ts';
import { networking } from './networking.ts';
import { exposedPorts, portBindings } from './ports.ts';
import { resources } from './resources.ts';
import { bytes, compact, meaningful, nanoseconds, wholeSeconds } from './units.ts';
import { unsupported } from './unsupported.ts';
import { tmpfsMap, volumeMounts } from './volumes.ts';

export interface ContainerPlan {
  readonly body: ContainerBody;
  readonly connect: readonly { readonly network: string; readonly endpoint: EndpointBody }[];
  readonly files: readonly InjectedFile[];
}

/**
 * The container of one replica, attribute for attribute as docker compose 2.40 makes it from the same file.
 * Where the service refers to other containers, their ids are to be in place (sharedContainers.ts).
 */
export function containerBody(context: BodyContext): ContainerPlan {
  const { service } = context;
  const network = networking(context);
  const files = fileMounts(context);
  const mounts = volumeMounts(context);
  const body: ContainerBody = compact({
    ...processOf(service),
    Image: imageName(context.project, context.serviceName, service),
    Hostname: meaningful(service.hostname),
    Domainname: meaningful(service.domainname),
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts: exposedPorts(service),
    Healthcheck: healthcheckBody(service, context.apiVersion),
    Labels: containerLabels(context),
    MacAddress: meaningful(network.macAddress),
    HostConfig: compact({
      ...hostConfig(service),
      ...resources(service),
      Binds: meaningful(mounts.binds),
      Mounts: meaningful([...mounts.mounts, ...files.mounts]),
      Links: meaningful(context.links),
      NetworkMode: network.networkMode,
    }),
    NetworkingConfig: network.networkingConfig,
  });
  return { body, connect: network.connect, files: files.files };
}

/** What the file asks for and this engine will not do. */
export function bodyWarnings(context: Omit<BodyContext, 'configHash'>): readonly string[] {
  return [...fileMounts(context).warnings, ...unsupported(context.service, context.apiVersion)];
}

/** What a service runs: its image, or the name that its build is tagged with. */
export function imageName(project: Project, name: string, service: Service): string {
  return service.image ?? builtImageName(project.name, name);
}

function processOf(service: Service): Omit<ContainerBody, 'Image'> {
  return compact({
    User: meaningful(service.user),
    Tty: meaningful(service.tty),
    OpenStdin: meaningful(service.stdin_open),
    Env: meaningful(environment(service.environment)),
    Cmd: service.command ?? undefined,
    Entrypoint: service.entrypoint ?? undefined,
    WorkingDir: meaningful(service.working_dir),
    NetworkDisabled: service.network_mode === 'disabled' ? true : undefined,
    StopSignal: meaningful(service.stop_signal),
    StopTimeout:
      service.stop_grace_period === undefined ? undefined : wholeSeconds(service.stop_grace_period),
  });
}

/** `NAME=value`; a name alone takes the variable away from the image's environment. Sorted: the file has no order. */
export function environment(variables: Service['environment']): string[] {
  return Object.entries(variables ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

function hostConfig(service: Service): HostConfigBody {
  const caps = capabilities(service.cap_add ?? [], service.cap_drop ?? []);
  const unconfined = service.security_opt?.includes('systempaths=unconfined');
  return compact({
    Annotations: meaningful(service.annotations),
    CapAdd: meaningful(caps.add),
    CapDrop: meaningful(caps.drop),
    Init: service.init,
    IpcMode: meaningful(service.ipc),
    CgroupnsMode: meaningful(service.cgroup),
    ReadonlyRootfs: meaningful(service.read_only),
    RestartPolicy: restartPolicy(service),
    ShmSize: bytes(service.shm_size),
    Sysctls: meaningful(service.sysctls),
    PortBindings: portBindings(service),
    VolumesFrom: meaningful(service.volumes_from),
    Dns: meaningful(service.dns),
    DnsSearch: meaningful(service.dns_search),
    DnsOptions: meaningful(service.dns_opt),
    ExtraHosts: (service.extra_hosts ?? []).map((entry) => entry.replace('=', ':')),
    SecurityOpt: meaningful(service.security_opt?.filter((option) => option !== 'systempaths=unconfined')),
    MaskedPaths: unconfined ? [] : undefined,
    ReadonlyPaths: unconfined ? [] : undefined,
    StorageOpt: meaningful(service.storage_opt),
    UsernsMode: meaningful(service.userns_mode),
    UTSMode: meaningful(service.uts),
    Privileged: meaningful(service.privileged),
    PidMode: meaningful(service.pid),
    Tmpfs: tmpfsMap(service),
    Isolation: meaningful(service.isolation),
    Runtime: meaningful(service.runtime),
    LogConfig: logConfig(service),
    GroupAdd: meaningful(service.group_add),
    OomScoreAdj: meaningful(service.oom_score_adj),
  });
}

function logConfig(service: Service): HostConfigBody['LogConfig'] {
  if (service.logging === undefined) return undefined;
  return compact({ Type: service.logging.driver ?? '', Config: meaningful(service.logging.options) });
}

/** The words of `deploy.restart_policy` and of `restart`, in the engine's. */
const RESTART_WORDS: Readonly<Record<string, string>> = { none: 'no', any: 'always' };

export function restartPolicy(service: Service): HostConfigBody['RestartPolicy'] {
  const deployed = service.deploy?.restart_policy;
  if (deployed !== undefined) {
    const condition = deployed.condition ?? '';
    return { Name: RESTART_WORDS[condition] ?? condition, MaximumRetryCount: deployed.max_attempts ?? 0 };
  }
  if (!service.restart) return undefined;
  const [name = '', attempts] = service.restart.split(':');
  return { Name: RESTART_WORDS[name] ?? name, MaximumRetryCount: Number(attempts ?? 0) || 0 };
}

/** How long a container may take to stop; the engine's own ten seconds where the file says nothing. */
export function graceSeconds(service: Service | undefined): number | undefined {
  return service?.stop_grace_period === undefined
    ? undefined
    : Math.ceil(nanoseconds(service.stop_grace_period) / 1e9);
}
