import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { WorkspaceId } from '#contract/ids.ts';
import type { DriftView } from '#contract/requests/production.ts';
import { confirmed } from '#state/consent.ts';
import { useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { matchesOf } from './matches.ts';

interface Props {
  readonly workspace: WorkspaceId;
  readonly drift: DriftView;
  readonly onDone: () => void;
}

/** Everything that is apart, one after the other: versions with their data, then images for the usual time. */
export function MatchAll({ workspace, drift, onDone }: Props) {
  const model = useWindow();
  const matches = matchesOf(model);
  const at = useStore(matches.store, (state) => state[workspace]);
  useEnd(at !== undefined, onDone);
  if (at !== undefined)
    return (
      <Button onClick={() => matches.stop(workspace)} title="What is at work ends; nothing after it begins">
        Stop after {at}
      </Button>
    );
  // In the order of the work: middleware first.
  const apart = drift.rows
    .filter(({ match, service }) => match && service)
    .sort((a, b) => Number(b.match?.type === 'switch') - Number(a.match?.type === 'switch'));
  if (apart.length === 0) return null;
  const ask = () =>
    confirmed(model, {
      title: `Match ${drift.environment} with ${apart.length} ${apart.length === 1 ? 'service' : 'services'}?`,
      body: 'One after the other. Your files stay as they are, and each has its own way back.',
      list: apart.map(({ service, match }) =>
        match?.type === 'switch'
          ? `${service}: switched to ${match.version}, its data taken along`
          : `${service}: production's image, for 2 h`,
      ),
      action: 'Match',
      run: () => void matches.run(workspace, drift.environment),
    });
  return (
    <Button emphasis="primary" onClick={ask}>
      Match production…
    </Button>
  );
}

/** Calls when what goes on has ended before our eyes, whoever began it. */
function useEnd(goesOn: boolean, onEnd: () => void): void {
  const before = useRef(goesOn);
  const latest = useRef(onEnd);
  latest.current = onEnd;
  useEffect(() => {
    if (before.current && !goesOn) latest.current();
    before.current = goesOn;
  }, [goesOn]);
}
