import { splitCommand } from '#compose/bind/units.ts';
import { InvalidTemplate, substitute } from '#compose/interpolate/template.ts';
import { container, type Limits, type ProductionContainer } from './manifest.ts';
import { dockerBytes } from './quantities.ts';
import { at, entriesAt, isRecord, listAt, numberAt, sorted, textAt, textsAt } from './read.ts';

/** A mapping with services in it. */
export function isCompose(document: unknown): boolean {
  return isRecord(at(document, 'services'));
}

/**
 * Services of production's compose file. A service that is built there and names no image is a problem: nobody else can have
 * it. Variables take their defaults; one without a default is said, because then the image is not known.
 */
export function readCompose(
  documents: readonly unknown[],
  problems: string[],
): readonly ProductionContainer[] {
  return documents.flatMap((document) =>
    entriesAt(document, 'services').flatMap(([name, service]) => readService(name, service, problems)),
  );
}

function readService(name: string, service: unknown, problems: string[]): readonly ProductionContainer[] {
  const written = textAt(service, 'image');
  if (written === undefined) {
    if (at(service, 'build') !== undefined)
      problems.push(`${name} is built in production: it has no image to compare with.`);
    return [];
  }
  const unset: string[] = [];
  const image = interpolated(written, unset);
  if (unset.length > 0) {
    problems.push(
      `The image of ${name} depends on ${unset.join(', ')}, which the file does not set: ${written}.`,
    );
    return [];
  }
  return [
    container({
      name,
      image,
      digest: /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1],
      env: environmentNames(service),
      envIncomplete: at(service, 'env_file') !== undefined,
      entrypoint: wordsAt(service, 'entrypoint'),
      command: wordsAt(service, 'command'),
      user: maybe(textAt(service, 'user')),
      ports: sorted([...listAt(service, 'ports'), ...listAt(service, 'expose')].flatMap(portOf)),
      limits: limitsOf(service),
    }),
  ];
}

function interpolated(text: string, unset: string[]): string {
  try {
    return substitute(text, () => undefined, {
      unset: (name) => unset.push(name),
      required: (name) => unset.push(name),
    });
  } catch (thrown) {
    if (thrown instanceof InvalidTemplate) return text;
    throw thrown;
  }
}

function maybe(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const unset: string[] = [];
  const value = interpolated(text, unset);
  return unset.length > 0 ? undefined : value;
}

function environmentNames(service: unknown): readonly string[] {
  const list = textsAt(service, 'environment');
  if (list !== undefined) return sorted(list.flatMap((entry) => /^[^=]+/.exec(entry)?.[0] ?? []));
  return sorted(entriesAt(service, 'environment').map(([name]) => name));
}

function wordsAt(service: unknown, key: string): readonly string[] | undefined {
  const text = textAt(service, key);
  return textsAt(service, key) ?? (text === undefined ? undefined : splitCommand(text));
}

/** `8080`, `80:8080/udp`, `127.0.0.1::8080`, `{target: 8080}`. */
function portOf(port: unknown): readonly string[] {
  if (isRecord(port)) {
    const target = textAt(port, 'target');
    return target === undefined ? [] : [`${target}/${textAt(port, 'protocol') ?? 'tcp'}`];
  }
  const match = /(\d+)(?:\/(tcp|udp|sctp))?$/.exec(textAt({ port }, 'port') ?? '');
  return match ? [`${match[1]}/${match[2] ?? 'tcp'}`] : [];
}

function limitsOf(service: unknown): Limits {
  return {
    cpus: numberAt(service, 'deploy', 'resources', 'limits', 'cpus') ?? numberAt(service, 'cpus'),
    memoryBytes: dockerBytes(
      textAt(service, 'deploy', 'resources', 'limits', 'memory') ?? textAt(service, 'mem_limit'),
    ),
  };
}
