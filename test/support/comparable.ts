type Raw = Readonly<Record<string, unknown>>;

/** What inspect says of a container, without ids, times, and what the engine or docker compose draws by lot. */
export function comparableContainer(raw: Raw): unknown {
  const { Name, Path, Args, Config, HostConfig, NetworkSettings, Mounts, Platform, AppArmorProfile } =
    withoutIds(raw);
  const config = Config as Raw;
  const host = HostConfig as Raw;
  const endpoints = Object.entries((NetworkSettings as { Networks: Record<string, Raw> }).Networks).map(
    ([name, endpoint]) => [
      name,
      [
        endpoint['IPAMConfig'],
        sorted(endpoint['Links']),
        sorted(endpoint['Aliases']),
        endpoint['DriverOpts'],
      ],
    ],
  );
  return {
    Name,
    Path,
    Args,
    Platform,
    AppArmorProfile,
    Config: { ...config, Env: sorted(config['Env']), Labels: withSortedDependencies(config['Labels']) },
    HostConfig: {
      ...host,
      Binds: sorted(host['Binds']),
      Mounts: sorted(host['Mounts']),
      Ulimits: sorted(host['Ulimits']),
      ExtraHosts: sorted(host['ExtraHosts']),
    },
    Networks: Object.fromEntries(endpoints.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))),
    Mounts: sorted(Mounts),
  };
}

/** The pools from which the engine takes an address range where the file names none. */
const ENGINES_OWN = /^(?:172\.|192\.168\.)/;

/** A network without its id, its age and who is on it; the addresses that the engine chose itself are left out too. */
export function comparableNetwork(raw: Raw): unknown {
  const { Id: _id, Created: _created, Containers: _containers, IPAM, ...rest } = raw;
  const { Config, ...ipam } = IPAM as Raw;
  const pools = (Config as readonly Raw[] | null)?.filter(({ Subnet }) => !ENGINES_OWN.test(String(Subnet)));
  return { ...rest, IPAM: { ...ipam, Config: pools } };
}

export function comparableVolume(raw: Raw): unknown {
  const { CreatedAt: _created, Mountpoint: _mountpoint, Name, ...rest } = raw;
  return rest;
}

/** Ids stand in host names, aliases, shared namespaces, anonymous volumes, and in the hash of a service that shares. */
function withoutIds(raw: Raw): Raw {
  const text = JSON.stringify(raw)
    .replace(/\b[0-9a-f]{64}\b/g, '<id>')
    .replace(/"[0-9a-f]{12}"/g, '"<id>"');
  return JSON.parse(text) as Raw;
}

function withSortedDependencies(labels: unknown): unknown {
  const known = { ...(labels as Record<string, string>) };
  const name = 'com.docker.compose.depends_on';
  return { ...known, [name]: known[name]?.split(',').sort() };
}

function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const key = (entry: unknown) => JSON.stringify(entry);
  return [...value].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
