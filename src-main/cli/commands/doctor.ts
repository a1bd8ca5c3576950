import { isKind } from '#contract/errors.ts';
import type { DoctorFinding } from '#contract/requests/app.ts';
import { callerFolder, openRequest } from '../globals.ts';
import type { Action } from '../program.ts';
import { asked, type Client, withCore } from '../session.ts';

const SIGNS: Readonly<Record<DoctorFinding['severity'], string>> = {
  ok: '✓',
  note: '·',
  warning: '!',
  error: '✗',
};

/** `slipway doctor`: also where there is no project, and no engine. Fails when it finds an error. */
export const doctor: Action<object> = (context) =>
  withCore(async (_core, client) => {
    const workspace = await openIfThere(
      client,
      openRequest(context.globals, callerFolder(process.env, process.cwd())),
    );
    const findings = await asked(client.app.doctor({ workspace }, { signal: context.signal }));
    context.output.document(findings);
    for (const finding of findings) {
      context.output.line(`${SIGNS[finding.severity]} ${finding.title}`);
      if (finding.detail) context.output.line(`    ${finding.detail.replaceAll('\n', '\n    ')}`);
      if (finding.fix) context.output.line(`    → ${finding.fix}`);
    }
    return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
  });

async function openIfThere(
  client: Client,
  request: ReturnType<typeof openRequest>,
): Promise<string | undefined> {
  try {
    return (await asked(client.project.open(request))).workspace;
  } catch (thrown) {
    if (isKind(thrown, 'compose.notFound', 'path.missing')) return undefined;
    throw thrown;
  }
}
