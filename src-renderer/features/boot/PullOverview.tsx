import { useEffect, useState } from 'react';
import { describeBytes } from '#contract/describe.ts';
import { toAppError } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { PullPlan } from '#contract/requests/boot.ts';
import { useWindow } from '#state/hooks.ts';

/** What the next boot has to download, before it does. Nothing is shown where nothing is missing. */
export function PullOverview({ workspace }: { readonly workspace: WorkspaceId }) {
  const { client } = useWindow();
  const [plan, setPlan] = useState<PullPlan>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const abort = new AbortController();
    client.boot.pullPlan({ workspace }, { signal: abort.signal }).then(
      (found) => !abort.signal.aborted && setPlan(found),
      (thrown: unknown) => !abort.signal.aborted && setFailure(toAppError(thrown).message),
    );
    return () => abort.abort();
  }, [client, workspace]);
  if (failure) return <p className="page-sub">What has to be downloaded is not known: {failure}</p>;
  if (!plan || plan.images.every((image) => image.present)) return null;
  const free = plan.freeBytes === undefined ? '' : ` · ${describeBytes(plan.freeBytes)} free`;
  return (
    <section className="pulls" aria-labelledby="pulls-title">
      <h1 id="pulls-title">{describeBytes(plan.totalBytes)} to download</h1>
      <p className="page-sub">
        {plan.layers} layers, each counted once{free}
      </p>
      <ul>
        {plan.images.map((image) => (
          <li key={image.image} className="pull-row">
            <span className="mono cut">{image.image}</span>
            <span className="dim cut">{image.services.join(', ')}</span>
            <span className={image.error ? 'tone-fail' : 'dim'}>{imageWords(image)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function imageWords(image: PullPlan['images'][number]): string {
  if (image.error) return image.error;
  if (image.present) return 'on this machine';
  return image.missingBytes === undefined ? 'size not known' : describeBytes(image.missingBytes);
}
