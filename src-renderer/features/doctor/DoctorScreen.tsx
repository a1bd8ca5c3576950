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
import { sayAll } from './words.ts';

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
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Doctor</h1>
          <p className="page-sub">{sayAll({ findings, failure })}</p>
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
