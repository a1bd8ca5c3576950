import '#ui/page.css';
import './builds.css';
import { Hammer } from 'lucide-react';
import { describeError } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { BuildView } from '#contract/requests/builds.ts';
import { useServerShallow } from '#state/hooks.ts';
import { selectServices } from '#state/selectors.ts';
import { EmptyState } from '#ui/EmptyState.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { BuildCard } from './BuildCard.tsx';
import { useBuilds } from './useBuilds.ts';

/** Every service that is built here: its last build, step by step, and what would make the next one faster. */
export function BuildsScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  const services = useServerShallow((state) => selectServices(state, workspace).filter(({ built }) => built));
  const { views, failure } = useBuilds(workspace);
  if (services.length === 0) {
    return (
      <EmptyState icon={Hammer} screen="Builds" title="Nothing is built here">
        Every service of this project runs an image from a registry.
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Builds</h1>
          <p className="page-sub">{sayAll(services, views)}</p>
        </div>
      </div>
      {failure && <ErrorCard title="Builds cannot be followed">{<p>{describeError(failure)}</p>}</ErrorCard>}
      <ul className="builds">
        {services.map((service) => (
          <BuildCard
            key={service.name}
            service={service}
            build={views?.find((view) => view.service === service.name)}
          />
        ))}
      </ul>
    </div>
  );
}

function sayAll(services: readonly ServiceRecord[], views: readonly BuildView[] | undefined): string {
  const count = `${services.length} ${services.length === 1 ? 'service is' : 'services are'} built here.`;
  const running = views?.filter(({ outcome }) => outcome === 'running').length ?? 0;
  return running === 0 ? count : `${count} ${running} at work.`;
}
