import type { PackManifest } from './packArchive.ts';

/** What a colleague reads first. */
export function packReadme(manifest: PackManifest, logsWhy: string): string {
  const { project, services, variables, checkpoints, notes } = manifest;
  const list = (lines: readonly string[]) =>
    lines.length === 0 ? 'none\n' : lines.map((line) => `- ${line}\n`).join('');
  return `# ${project}, packed on ${new Date(manifest.createdAt).toISOString()}

Open it with Slipway (**Open a reproduction pack**, or \`slipway unpack FILE\`), or in this folder:

    slipway up

## What runs

${list(services.map(({ service, image, from, why }) => `${service}: ${image}${from === 'pack' ? ', in this pack' : ''}${why ? ` (${why})` : ''}`))}
## Values that are asked for

A pack holds names, never values. Slipway takes them from your own checkout of the project where that has them.

${list(variables.map(({ name, uses }) => `${name}${uses.length > 0 ? `: ${uses.map((use) => `${use.name} of ${use.service}`).join(', ')}` : ''}`))}
## Data

${list(checkpoints.map(({ name }) => name))}
## Logs

\`logs/around.log\`: ${logsWhy}. Values of variables are replaced by their names.

## To know

${list(notes)}`;
}
