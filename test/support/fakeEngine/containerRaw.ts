import type { FakeContainer } from './state.ts';
import type { World } from './world.ts';

type Json = Record<string, unknown>;

const NEVER = '0001-01-01T00:00:00Z';

/** The container as `GET /containers/{id}/json` answers, so that the adapter's own reading of it is used. */
export function containerRaw(world: World, container: FakeContainer): Json {
  const { image, body } = container;
  return {
    Id: container.id,
    Created: new Date(container.created).toISOString(),
    Name: `/${container.name}`,
    Image: image.id,
    Platform: image.platform.split('/')[0],
    RestartCount: container.restartCount,
    State: stateRaw(container),
    Config: configRaw(container),
    HostConfig: {
      NetworkMode: 'default',
      RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
      LogConfig: { Type: 'json-file', Config: {} },
      ...body.HostConfig,
    },
    Mounts: container.mounts.map((mount) => ({
      Type: mount.type,
      Name: mount.name,
      Source: mount.source,
      Destination: mount.destination,
      RW: mount.readWrite,
    })),
    NetworkSettings: { Ports: portsRaw(container), Networks: networksRaw(world, container) },
  };
}

function stateRaw(container: FakeContainer): Json {
  const time = (at: number | undefined) => (at === undefined ? NEVER : new Date(at).toISOString());
  return {
    Status: container.state,
    Running: container.state === 'running' || container.state === 'paused',
    ExitCode: container.exitCode,
    OOMKilled: container.oomKilled,
    Error: container.error,
    Pid: container.running === undefined ? 0 : 1000 + container.runs,
    StartedAt: time(container.startedAt),
    FinishedAt: time(container.finishedAt),
    ...(container.health === 'none' ? {} : { Health: healthRaw(container) }),
  };
}

function healthRaw(container: FakeContainer): Json {
  return {
    Status: container.health,
    FailingStreak: container.failingStreak,
    Log: container.healthLog.map((entry) => ({
      Start: new Date(entry.start).toISOString(),
      End: new Date(entry.end).toISOString(),
      ExitCode: entry.exitCode,
      Output: entry.output,
    })),
  };
}

/** The image's configuration with the container's own on top. */
function configRaw({ id, image, body, labels, healthcheck }: FakeContainer): Json {
  return {
    ...body,
    HostConfig: undefined,
    NetworkingConfig: undefined,
    Hostname: body.Hostname ?? id.slice(0, 12),
    Image: body.Image,
    Labels: labels,
    Env: mergedEnv(image.config.Env, body.Env ?? []),
    Entrypoint: body.Entrypoint ?? image.config.Entrypoint,
    Cmd: body.Cmd ?? (body.Entrypoint == null ? image.config.Cmd : []),
    User: body.User ?? image.config.User,
    WorkingDir: body.WorkingDir ?? image.config.WorkingDir,
    Healthcheck: healthcheck,
    Tty: body.Tty ?? false,
    OpenStdin: body.OpenStdin ?? false,
  };
}

function mergedEnv(image: readonly string[], own: readonly string[]): string[] {
  const key = (entry: string) => entry.split('=', 1)[0];
  const set = new Set(own.map(key));
  return [...own, ...image.filter((entry) => !set.has(key(entry)))];
}

function portsRaw(container: FakeContainer): Json {
  const ports: Record<string, { HostIp: string; HostPort: string }[] | null> = {};
  const exposed = [...container.image.config.ExposedPorts, ...Object.keys(container.body.ExposedPorts ?? {})];
  if (container.running === undefined) return ports;
  for (const port of exposed) ports[port] = null;
  for (const { containerPort, protocol, hostIp, hostPort } of container.bindings) {
    const key = `${containerPort}/${protocol}`;
    ports[key] = [...(ports[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
  }
  return ports;
}

function networksRaw(world: World, container: FakeContainer): Json {
  return Object.fromEntries(
    [...container.endpoints.values()].map(({ network, aliases, ip }) => {
      const id = [...world.networks.values()].find(({ body }) => body.Name === network)?.id ?? '';
      return [
        network,
        { IPAddress: ip, Aliases: aliases, NetworkID: container.startedAt === undefined ? '' : id },
      ];
    }),
  );
}
