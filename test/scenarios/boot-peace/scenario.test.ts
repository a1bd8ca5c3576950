import { expect, test } from 'vitest';
import type { ContainerDetails } from '#engine/engine.ts';
import { hasDockerCompose, scenario } from '../../support/scenario.ts';

const stack = scenario(import.meta.dirname, ['busybox']);
const compose = await hasDockerCompose();

const SERVICES = [
  ['base', 1],
  ['shares', 1],
  ['linked', 1],
  ['linked', 2],
  ['plain', 1],
] as const;

test.runIf(compose)('what docker compose started must be adopted, not touched', async () => {
  await stack.compose('up', '-d', '--wait');
  const before = await Promise.all(SERVICES.map(([name, number]) => stack.inspect(name, number)));
  expect(await stack.bootText()).toBe('');
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  const after = await Promise.all(SERVICES.map(([name, number]) => stack.inspect(name, number)));
  expect(after.map(({ id, startedAt }) => [id, startedAt])).toEqual(
    before.map(({ id, startedAt }) => [id, startedAt]),
  );
});

test.runIf(compose)('docker compose must leave alone what was booted here', async () => {
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  const said = await stack.compose('up', '-d');
  expect(said).not.toMatch(/Recreate|Creat|Start(?!ed)|Stopp|warning/i);
  expect(said).toMatch(/Running/);
  const listed = await stack.compose('ps', '-a', '--format', '{{.Name}}');
  expect(listed.trim().split('\n').sort()).toEqual(
    SERVICES.map(([name, number]) => `${stack.name}-${name}-${number}`).sort(),
  );
  await stack.compose('down', '-v');
  expect(await stack.states()).toEqual([]);
});

test.runIf(compose)('a container must be the same, whoever made it', async () => {
  await stack.compose('up', '-d');
  const theirs = await Promise.all(SERVICES.map(([name, number]) => stack.inspect(name, number)));
  await stack.compose('down', '-v');
  expect(await (await stack.open()).boot()).toEqual({ outcome: 'done' });
  const ours = await Promise.all(SERVICES.map(([name, number]) => stack.inspect(name, number)));
  expect(ours.map(comparable)).toEqual(theirs.map(comparable));
  expect(await stack.exec('base', 'cat', '/etc/copied', '/run/secrets/mounted')).toBe(
    'hellonot very secret\n',
  );
});

/** As far as this looks into the engine's answer. */
interface Raw {
  readonly Name: string;
  readonly Config: Record<string, unknown>;
  readonly HostConfig: Record<string, unknown>;
  readonly NetworkSettings: { readonly Networks: Record<string, Record<string, unknown>> };
  readonly Mounts: unknown;
}

/** Everything that inspect says, without ids, times, and what the engine or docker compose draws by lot. */
function comparable(details: ContainerDetails): unknown {
  // Ids stand in hostnames, aliases, shared namespaces, anonymous volumes, and in the hash of a service that shares.
  const text = JSON.stringify(details.raw)
    .replace(/\b[0-9a-f]{64}\b/g, '<id>')
    .replace(/"[0-9a-f]{12}"/g, '"<id>"');
  const { Name, Config, HostConfig, NetworkSettings, Mounts } = JSON.parse(text) as Raw;
  const endpoints = Object.entries(NetworkSettings.Networks).map(([name, endpoint]) => [
    name,
    [endpoint['IPAMConfig'], sorted(endpoint['Links']), sorted(endpoint['Aliases']), endpoint['DriverOpts']],
  ]);
  return {
    Name,
    Config: { ...Config, Env: sorted(Config['Env']), Labels: withSortedDependencies(Config['Labels']) },
    HostConfig: {
      ...HostConfig,
      Binds: sorted(HostConfig['Binds']),
      Mounts: sorted(HostConfig['Mounts']),
      Ulimits: sorted(HostConfig['Ulimits']),
    },
    Networks: Object.fromEntries(endpoints),
    Mounts: sorted(Mounts),
  };
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
