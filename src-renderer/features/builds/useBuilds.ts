import { useEffect, useState } from 'react';
import type { AppError } from '#contract/errors.ts';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { Advice, BuildView } from '#contract/requests/builds.ts';
import { askAgain } from '#state/askAgain.ts';
import { useWindow } from '#state/hooks.ts';

export interface Builds {
  /** The last build of each service; undefined while nothing has been heard. */
  readonly views: readonly BuildView[] | undefined;
  readonly failure: AppError | undefined;
}

/** The project's builds, as they move on, while the screen is open. */
export function useBuilds(workspace: WorkspaceId): Builds {
  const { client, connection } = useWindow();
  const [views, setViews] = useState<readonly BuildView[]>();
  const [failure, setFailure] = useState<AppError>();
  useEffect(() => {
    const follow = async (signal: AbortSignal) => {
      for await (const heard of await client.builds.follow({ workspace }, { signal })) {
        setViews(heard);
        setFailure(undefined);
      }
    };
    const asking = askAgain({ connection, ask: follow, onValue: () => undefined, onFailure: setFailure });
    return () => void asking.dispose();
  }, [client, connection, workspace]);
  return { views, failure };
}

/** Advice on one service, asked again after each of its builds and after a change was made. */
export function useAdvice(
  workspace: WorkspaceId,
  service: ServiceName,
  build: string | undefined,
): { readonly advice: readonly Advice[]; readonly apply: (rule: string) => void } {
  const model = useWindow();
  const { client, connection } = model;
  const [round, setRound] = useState(0);
  const [advice, setAdvice] = useState<readonly Advice[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new build and `round` ask again.
  useEffect(() => {
    const asking = askAgain({
      connection,
      ask: (signal) => client.builds.advise({ workspace, service }, { signal }),
      onValue: setAdvice,
      // A context that is not there is said by the build itself.
      onFailure: () => undefined,
    });
    return () => void asking.dispose();
  }, [client, connection, workspace, service, build, round]);
  const apply = (rule: string) => {
    client.builds.applyAdvice({ workspace, service, rule }).then(
      () => setRound((count) => count + 1),
      (thrown: unknown) => model.notices.failed('Changing the file', thrown),
    );
  };
  return { advice, apply };
}
