import { describeTook } from '#contract/describe.ts';
import type { MatrixResult } from '#contract/requests/versions.ts';
import type { Action } from '../program.ts';
import { runToEnd } from '../runOutcome.ts';
import { asked } from '../session.ts';
import { formatTable } from '../table.ts';

interface MatrixOptions {
  readonly check: string;
  readonly exec?: string;
}

/** `slipway matrix SERVICE VERSION… --check SERVICE [--exec COMMAND]` */
export const matrix: Action<MatrixOptions> = (context, [service = '', ...versions], { check, exec }) =>
  runToEnd(
    context,
    ({ client, workspace }) =>
      client.versions.matrix({
        workspace,
        service,
        versions,
        check: { service: check, ...(exec !== undefined && { command: ['sh', '-c', exec] }) },
      }),
    async ({ client, workspace, output }) => {
      const results = await asked(client.versions.matrixResults({ workspace }));
      output.line(resultsText(results));
      return { results };
    },
  );

function resultsText(results: readonly MatrixResult[]): string {
  const rows = results.map(({ version, passed, summary, ms }) => [
    version,
    passed ? 'passed' : 'FAILED',
    describeTook(ms),
    passed ? '' : summary,
  ]);
  const said = results
    .filter(({ passed, output }) => !passed && output !== '')
    .flatMap(({ version, output }) => [
      '',
      `${version} said last:`,
      ...output
        .split('\n')
        .slice(-10)
        .map((line) => `  | ${line}`),
    ]);
  return [formatTable(['VERSION', 'CHECK', 'TOOK', ''], rows), ...said].join('\n');
}
