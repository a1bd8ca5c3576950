import { useRef, useState } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import type { DriftView } from '#contract/requests/production.ts';
import { confirmed } from '#state/consent.ts';
import { useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';

interface Props {
  readonly workspace: WorkspaceId;
  readonly drift: DriftView;
  readonly onDone: () => void;
}

/** Everything that is apart, one after the other: versions with their data, then images for the usual time. */
export function MatchAll({ workspace, drift, onDone }: Props) {
  const model = useWindow();
  const [at, setAt] = useState<string>();
  const stopped = useRef<AbortController>(undefined);
  // In the order of the work: middleware first.
  const apart = drift.rows
    .filter(({ match, service }) => match && service)
    .sort((a, b) => Number(b.match?.type === 'switch') - Number(a.match?.type === 'switch'));
  if (apart.length === 0) return null;
  const run = async () => {
    const abort = new AbortController();
    stopped.current = abort;
    setAt('…');
    try {
      const request = { workspace, environment: drift.environment };
      for await (const event of await model.client.production.match(request, { signal: abort.signal })) {
        if (event.type === 'began') setAt(event.service);
        if (event.type === 'ended' && event.status.type === 'failed')
          model.notices.add({
            tone: 'fail',
            title: `${event.service} is not as in production`,
            detail: event.status.error.message,
          });
      }
    } catch (thrown) {
      if (!abort.signal.aborted) model.notices.failed('Matching production', thrown);
    } finally {
      setAt(undefined);
      onDone();
    }
  };
  if (at !== undefined)
    return (
      <Button onClick={() => stopped.current?.abort()} title="What is at work ends; nothing after it begins">
        Stop after {at}
      </Button>
    );
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
      run: () => void run(),
    });
  return (
    <Button emphasis="primary" onClick={ask}>
      Match production…
    </Button>
  );
}
