import type { DoctorFinding } from '#contract/requests/app.ts';

interface Looked {
  readonly findings?: readonly Pick<DoctorFinding, 'severity'>[] | undefined;
  /** Why there are none; told beside it. */
  readonly failure?: unknown;
}

/** What a look has come to, in one sentence. */
export function sayAll({ findings, failure }: Looked): string {
  if (failure !== undefined) return 'What stands in the way of a boot is not known.';
  if (!findings) return 'Looking…';
  const bad = findings.filter(({ severity }) => severity === 'error').length;
  if (bad === 0) return 'Nothing stands in the way of a boot.';
  return `${bad} ${bad === 1 ? 'thing has' : 'things have'} to be mended before a boot can work.`;
}
