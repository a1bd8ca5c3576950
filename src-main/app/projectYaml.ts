import { stringify } from 'yaml';

/**
 * The document (`configText`) as YAML that can be read back as a compose file: `$` doubled, strings that YAML 1.1 readers
 * would take for something else quoted.
 */
export function projectYaml(json: string): string {
  const { name, services, ...rest } = JSON.parse(json) as Record<string, unknown>;
  return stringify(
    { ...(name === undefined ? {} : { name }), ...(services === undefined ? {} : { services }), ...rest },
    { lineWidth: 0, version: '1.1' },
  ).replaceAll('$', '$$$$');
}
