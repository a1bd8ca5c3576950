import { container, type ProductionContainer } from './manifest.ts';
import { at, entriesAt, listAt, numberAt, sorted, textAt, textsAt } from './read.ts';

const MIB = 2 ** 20;
const DRIVERS = new Set(['docker', 'podman', 'containerd-driver']);

/** A job as `nomad job inspect` and the API print it, wrapped in `Job` or not. */
export function isNomad(document: unknown): boolean {
  return groupsOf(document).length > 0;
}

export function readNomad(documents: readonly unknown[]): readonly ProductionContainer[] {
  return documents.flatMap((document) => {
    const job = jobOf(document);
    const name = textAt(job, 'Name') ?? textAt(job, 'ID') ?? '';
    const type = textAt(job, 'Type');
    const role = type === 'batch' || type === 'sysbatch' ? 'job' : 'service';
    return groupsOf(document).flatMap((group) =>
      listAt(group, 'Tasks').flatMap((task) => readTask(task, { group, job: name, role })),
    );
  });
}

function jobOf(document: unknown): unknown {
  return at(document, 'Job') ?? document;
}

function groupsOf(document: unknown): readonly unknown[] {
  return listAt(jobOf(document), 'TaskGroups');
}

function readTask(
  task: unknown,
  about: { readonly group: unknown; readonly job: string; readonly role: 'job' | 'service' },
): readonly ProductionContainer[] {
  const image = textAt(task, 'Config', 'image');
  if (image === undefined || !DRIVERS.has(textAt(task, 'Driver') ?? '')) return [];
  const memory = numberAt(task, 'Resources', 'MemoryMaxMB') || numberAt(task, 'Resources', 'MemoryMB');
  const command = textAt(task, 'Config', 'command');
  const args = textsAt(task, 'Config', 'args') ?? [];
  const prestart =
    textAt(task, 'Lifecycle', 'Hook') === 'prestart' && at(task, 'Lifecycle', 'Sidecar') !== true;
  return [
    container({
      name: textAt(task, 'Name') ?? about.job,
      image,
      workload: { kind: 'job', name: about.job },
      role: prestart ? 'init' : about.role,
      digest: /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1],
      env: sorted(entriesAt(task, 'Env').map(([name]) => name)),
      envIncomplete: listAt(task, 'Templates').some((template) => at(template, 'Envvars') === true),
      entrypoint: textsAt(task, 'Config', 'entrypoint'),
      command:
        command === undefined && args.length === 0 ? undefined : [...(command ? [command] : []), ...args],
      user: textAt(task, 'User'),
      ports: portsOf(task, about.group),
      limits: {
        // Nomad shares a processor in MHz, which says nothing about cores; only reserved cores do.
        cpus: numberAt(task, 'Resources', 'Cores') || undefined,
        memoryBytes: memory ? memory * MIB : undefined,
      },
    }),
  ];
}

/** The task names ports that its group maps into the container. */
function portsOf(task: unknown, group: unknown): readonly string[] {
  const wanted = new Set(textsAt(task, 'Config', 'ports') ?? []);
  const networks = [...listAt(group, 'Networks'), ...listAt(task, 'Resources', 'Networks')];
  const ports = networks.flatMap((network) => [
    ...listAt(network, 'DynamicPorts'),
    ...listAt(network, 'ReservedPorts'),
  ]);
  return sorted(
    ports
      .filter((port) => wanted.has(textAt(port, 'Label') ?? ''))
      .flatMap((port) => {
        const number = numberAt(port, 'To') || numberAt(port, 'Value');
        return number && number > 0 ? [`${number}/tcp`] : [];
      }),
  );
}
