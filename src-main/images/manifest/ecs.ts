import { container, type ProductionContainer } from './manifest.ts';
import { isRecord, listAt, numberAt, sorted, textAt, textsAt } from './read.ts';

const MIB = 2 ** 20;
/** ECS counts a core as 1024 units. */
const CPU_UNITS = 1024;

/** A task definition (registered or described), or the answer of `describe-tasks`. */
export function isEcs(document: unknown): boolean {
  return (
    definitionsOf(document).length > 0 ||
    listAt(document, 'tasks').some((task) => listAt(task, 'containers').length > 0)
  );
}

/** Definitions tell the configuration, described tasks the digests; a document may hold either. */
export function readEcs(documents: readonly unknown[]): readonly ProductionContainer[] {
  const running = documents.flatMap((document) => listAt(document, 'tasks').flatMap(runningContainers));
  const defined = documents.flatMap((document) =>
    definitionsOf(document).flatMap((definition) => readDefinition(definition, familyOf(document))),
  );
  const names = new Set(defined.map(({ name }) => name));
  const digestOf = (entry: ProductionContainer) => {
    const digests = sorted(
      running
        .filter(({ name, image }) => name === entry.name && image === entry.image)
        .flatMap(({ digest }) => digest ?? []),
    );
    return digests.length === 1 ? digests[0] : undefined;
  };
  return [
    ...defined.map((entry) => ({ ...entry, digest: entry.digest ?? digestOf(entry) })),
    ...once(running.filter(({ name }) => !names.has(name))),
  ];
}

function definitionsOf(document: unknown): readonly unknown[] {
  const described = listAt(document, 'taskDefinition', 'containerDefinitions');
  return described.length > 0 ? described : listAt(document, 'containerDefinitions');
}

function familyOf(document: unknown): string {
  return textAt(document, 'taskDefinition', 'family') ?? textAt(document, 'family') ?? '';
}

function readDefinition(definition: unknown, family: string): readonly ProductionContainer[] {
  const image = textAt(definition, 'image');
  if (!isRecord(definition) || image === undefined) return [];
  const cpu = numberAt(definition, 'cpu');
  const memory = numberAt(definition, 'memory');
  return [
    container({
      name: textAt(definition, 'name') ?? family,
      image,
      workload: { kind: 'task', name: family },
      digest: /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1],
      env: sorted([...namesAt(definition, 'environment'), ...namesAt(definition, 'secrets')]),
      envIncomplete: listAt(definition, 'environmentFiles').length > 0,
      entrypoint: some(textsAt(definition, 'entryPoint')),
      command: some(textsAt(definition, 'command')),
      user: textAt(definition, 'user'),
      ports: sorted(listAt(definition, 'portMappings').flatMap(portOf)),
      limits: {
        cpus: cpu ? cpu / CPU_UNITS : undefined,
        memoryBytes: memory ? memory * MIB : undefined,
      },
    }),
  ];
}

function namesAt(definition: unknown, key: string): readonly string[] {
  return listAt(definition, key).flatMap((entry) => textAt(entry, 'name') ?? []);
}

/** A described definition has empty lists where nothing was said. */
function some(texts: readonly string[] | undefined): readonly string[] | undefined {
  return texts?.length ? texts : undefined;
}

function portOf(mapping: unknown): readonly string[] {
  const port = textAt(mapping, 'containerPort');
  return port === undefined ? [] : [`${port}/${textAt(mapping, 'protocol') ?? 'tcp'}`];
}

/** `arn:aws:ecs:eu-west-1:1:task-definition/shop-api:42`. */
function runningContainers(task: unknown): readonly ProductionContainer[] {
  const family = /task-definition\/([^:]+)/.exec(textAt(task, 'taskDefinitionArn') ?? '')?.[1] ?? '';
  const overrides = new Map(
    listAt(task, 'overrides', 'containerOverrides').map((entry) => [textAt(entry, 'name'), entry]),
  );
  return listAt(task, 'containers').flatMap((entry) => {
    const image = textAt(entry, 'image');
    const name = textAt(entry, 'name') ?? family;
    if (image === undefined) return [];
    const override = overrides.get(name);
    return [
      container({
        name,
        image,
        workload: { kind: 'task', name: family },
        digest: textAt(entry, 'imageDigest'),
        env: sorted(namesAt(override, 'environment')),
        // A running task lists what was overridden, never what its definition says.
        envIncomplete: true,
        command: some(textsAt(override, 'command')),
      }),
    ];
  });
}

function once(containers: readonly ProductionContainer[]): readonly ProductionContainer[] {
  const byKey = new Map(containers.map((entry) => [JSON.stringify([entry.name, entry.digest]), entry]));
  return [...byKey.values()];
}
