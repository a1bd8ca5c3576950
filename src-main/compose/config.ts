import { byBytes, printJson } from './bind/print.ts';
import type { Shape, Value } from './bind/shape.ts';
import { FILE_OBJECT, NETWORK, SERVICE, VOLUME } from './bind/shapes.ts';
import type { FileObject, Project, Service } from './project.ts';

/** The document as `docker compose config --format json` has it, as plain values: for `--json` and for comparing. */
export function configDocument(project: Project): Record<string, unknown> {
  return JSON.parse(configText(project)) as Record<string, unknown>;
}

/** The document in docker compose's order and spelling, without spaces and without its doubling of dollar signs. */
export function configText(project: Project): string {
  const { name, services, networks, volumes } = project;
  const sections: Record<string, string> = {
    name: printJson(name, undefined),
    services: section(hideLabelFiles(services), SERVICE),
  };
  if (size(networks) > 0) sections['networks'] = section(networks, NETWORK);
  if (size(volumes) > 0) sections['volumes'] = section(volumes, VOLUME);
  if (size(project.secrets) > 0) sections['secrets'] = section(project.secrets, FILE_OBJECT);
  if (size(project.configs) > 0) sections['configs'] = section(hideContent(project.configs), FILE_OBJECT);
  for (const [key, value] of Object.entries(project.extensions))
    sections[key] = printJson(value as Value, undefined);
  const keys = Object.keys(sections).sort(byBytes);
  return `{${keys.map((key) => `${printJson(key, undefined)}:${sections[key]}`).join(',')}}`;
}

/**
 * The same with two spaces of indentation and with `$` doubled, so that it can be read back as a compose file: byte for
 * byte what docker compose prints.
 */
export function formatConfig(project: Project): string {
  return indentJson(configText(project)).replaceAll('$', '$$$$');
}

/** Their labels stand among the others. */
function hideLabelFiles(services: Readonly<Record<string, Service>>): Record<string, Service> {
  const shown: Record<string, Service> = Object.create(null);
  for (const [name, { label_file, ...rest }] of Object.entries(services)) shown[name] = rest;
  return shown;
}

/** Content that came from a variable is not shown, the variable is. */
function hideContent(objects: Readonly<Record<string, FileObject>>): Record<string, FileObject> {
  return Object.fromEntries(
    Object.entries(objects).map(([key, { content, ...rest }]) => [
      key,
      content === undefined || rest.environment !== undefined ? rest : { ...rest, content },
    ]),
  );
}

function section(record: Readonly<Record<string, unknown>>, of: Shape): string {
  return printJson(record as unknown as Value, { kind: 'record', of, empty: 'dropped' });
}

function size(record: Readonly<Record<string, unknown>>): number {
  return Object.keys(record).length;
}

/** Spreads compact JSON over lines without parsing it, so that the order of keys stays. */
function indentJson(text: string): string {
  let depth = 0;
  const lineBreak = () => `\n${'  '.repeat(depth)}`;
  const spread: Readonly<Record<string, () => string>> = {
    ':': () => ': ',
    ',': () => `,${lineBreak()}`,
    '{': () => open('{'),
    '[': () => open('['),
    '}': () => close('}'),
    ']': () => close(']'),
  };
  const open = (bracket: string) => {
    depth += 1;
    return bracket + lineBreak();
  };
  const close = (bracket: string) => {
    depth -= 1;
    return lineBreak() + bracket;
  };
  return text.replace(/"(?:[^"\\]|\\.)*"|\[\]|\{\}|[[\]{},:]/g, (token) => spread[token]?.() ?? token);
}
