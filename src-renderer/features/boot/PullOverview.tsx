import { describeBytes } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { PullPlan } from '#contract/requests/boot.ts';
import { useWindow } from '#state/hooks.ts';
import { useAsked } from '#state/useAsked.ts';

/** What the next boot has to download, before it does. Nothing is shown where nothing is missing. */
export function PullOverview({ workspace }: { readonly workspace: WorkspaceId }) {
  const { client } = useWindow();
  const asked = useAsked((signal) => client.boot.pullPlan({ workspace }, { signal }), workspace);
  const { value: plan, failure } = asked;
  if (failure) return <p className="page-sub">What has to be downloaded is not known: {failure.message}</p>;
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
