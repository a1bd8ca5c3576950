import '#ui/page.css';
import './doctor.css';
import { RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { describeError } from '#contract/describe.ts';
import { type AppError, toAppError } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { DoctorFinding } from '#contract/requests/app.ts';
import { useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { Dot, type Tone } from '#ui/Dot.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';

const TONES: Readonly<Record<DoctorFinding['severity'], Tone>> = {
  error: 'fail',
  warning: 'wait',
  note: 'off',
  ok: 'ok',
};
const WORDS: Readonly<Record<DoctorFinding['severity'], string>> = {
  error: 'must be mended',
  warning: 'will bite',
  note: 'worth knowing',
  ok: 'fine',
};
const ORDER: readonly DoctorFinding['severity'][] = ['error', 'warning', 'note', 'ok'];

/** What stands in the way of this stack, worst first. */
export function DoctorScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  const { findings, failure, ask } = useFindings(workspace);
  const sorted = findings?.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  const bad = findings?.filter((finding) => finding.severity === 'error').length ?? 0;
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Doctor</h1>
          <p className="page-sub">{sayAll(findings, bad)}</p>
        </div>
        <Button icon={RefreshCw} disabled={findings === undefined && !failure} onClick={ask}>
          Look again
        </Button>
      </div>
      {failure && <ErrorCard title="The checks could not run">{<p>{describeError(failure)}</p>}</ErrorCard>}
      <ul className="findings">
        {sorted?.map((finding) => (
          <li key={finding.id} className="finding selectable">
            <Dot tone={TONES[finding.severity]} />
            <b>{finding.title}</b>
            <span className="faint">{WORDS[finding.severity]}</span>
            {finding.detail && <p>{finding.detail}</p>}
            {finding.fix && <p className="tone-accent">{finding.fix}</p>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function sayAll(findings: readonly DoctorFinding[] | undefined, bad: number): string {
  if (!findings) return 'Looking…';
  if (bad === 0) return 'Nothing stands in the way of a boot.';
  return `${bad} ${bad === 1 ? 'thing has' : 'things have'} to be mended before a boot can work.`;
}

function useFindings(workspace: WorkspaceId) {
  const { client } = useWindow();
  const [round, setRound] = useState(0);
  const [findings, setFindings] = useState<readonly DoctorFinding[]>();
  const [failure, setFailure] = useState<AppError>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again.
  useEffect(() => {
    const abort = new AbortController();
    setFindings(undefined);
    setFailure(undefined);
    client.app.doctor({ workspace }, { signal: abort.signal }).then(
      (found) => !abort.signal.aborted && setFindings(found),
      (thrown: unknown) => !abort.signal.aborted && setFailure(toAppError(thrown)),
    );
    return () => abort.abort();
  }, [client, workspace, round]);
  return { findings, failure, ask: () => setRound((count) => count + 1) };
}
