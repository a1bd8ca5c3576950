import { startTransition, useEffect, useState } from 'react';
import { type AppError, toAppError } from '#contract/errors.ts';
import type { RunId, WorkspaceId } from '#contract/ids.ts';
import type { BootTimeline } from '#contract/requests/boot.ts';
import { useServer, useWindow } from '#state/hooks.ts';

interface History {
  /** Newest first. */
  readonly boots?: readonly BootTimeline[];
  readonly failure?: AppError;
}

const NOTHING_YET: History = {};

/**
 * The boots until `lastBoot`; nothing while they are not wanted or not there yet. What failed is asked again when the connection
 * comes back; until that is answered, the failure stays.
 */
export function useHistory(
  workspace: WorkspaceId,
  { lastBoot, wanted }: { readonly lastBoot: RunId | undefined; readonly wanted: boolean },
): History {
  const { client } = useWindow();
  const connection = useServer((state) => state.connection.type);
  const [known, setKnown] = useState<{ readonly of: string; readonly history: History }>();
  const of = `${workspace} ${lastBoot ?? ''}`;
  const history = known?.of === of ? known.history : NOTHING_YET;
  const asks = wanted && history.boots === undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state of the connection is another answer.
  useEffect(() => {
    if (!asks) return;
    const abort = new AbortController();
    const { signal } = abort;
    const answered = (answer: History) =>
      startTransition(() => {
        if (!signal.aborted) setKnown({ of, history: answer });
      });
    client.boot.history({ workspace }, { signal }).then(
      (boots) => answered({ boots }),
      (thrown: unknown) => answered({ failure: toAppError(thrown) }),
    );
    return () => abort.abort();
  }, [client, workspace, of, asks, connection]);
  return history;
}
