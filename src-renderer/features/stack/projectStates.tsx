import { Boxes, FolderOpen, RefreshCw } from 'lucide-react';
import type { AppError } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import { attempt, pickFolder } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { EmptyState } from '#ui/EmptyState.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';

const SKELETON_ROWS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** The shape of what is coming. */
export function LoadingProject() {
  return (
    <div aria-busy="true" role="status">
      <span className="visually-hidden">Reading the project</span>
      {SKELETON_ROWS.map((row, index) => (
        <div key={row} className="service-row" aria-hidden>
          <span className="skeleton" style={{ width: 8, height: 8 }} />
          <span className="skeleton" style={{ width: 64 + ((index * 37) % 40) }} />
          <span className="skeleton" style={{ width: 88 }} />
          <span className="skeleton" style={{ width: 120 + ((index * 53) % 90) }} />
        </div>
      ))}
    </div>
  );
}

/** A file was read and has nothing in it to run. */
export function NoServices() {
  return (
    <EmptyState icon={Boxes} title="No services">
      The compose file of this project defines none.
    </EmptyState>
  );
}

interface InvalidProjectProps {
  readonly workspace: WorkspaceId;
  readonly errors: readonly AppError[];
}

/** What is wrong with the files and where. Nothing has been touched. */
export function InvalidProject({ workspace, errors }: InvalidProjectProps) {
  const model = useWindow();
  const [only] = errors;
  if (errors.length === 1 && only?.kind === 'compose.notFound') return <NoComposeFile folder={only.folder} />;
  const asks = errors.some((error) => error.kind === 'compose.variable');
  return (
    <div className="stack-states">
      {errors.map((error) => (
        <InvalidCard key={JSON.stringify(error)} error={error} />
      ))}
      <div className="card-actions">
        <Button
          emphasis={asks ? 'normal' : 'primary'}
          icon={RefreshCw}
          onClick={() => void attempt(model, 'Reading the files', model.client.project.reload({ workspace }))}
        >
          Read again
        </Button>
        {asks && 'variables' in model.registry.dialogs && (
          <Button emphasis="primary" onClick={() => model.view.setState({ dialog: { id: 'variables' } })}>
            Set the variables…
          </Button>
        )}
        {errors.some((error) => error.kind === 'compose.invalid' && error.missingFile) && (
          <Button onClick={() => model.view.setState({ dialog: { id: 'prerequisites' } })}>
            Provide the missing files…
          </Button>
        )}
        <span className="faint">
          Nothing was started or changed. Saving the file reads it again by itself.
        </span>
      </div>
    </div>
  );
}

function NoComposeFile({ folder }: { readonly folder: string }) {
  const model = useWindow();
  return (
    <EmptyState
      icon={FolderOpen}
      title="No compose file here"
      actions={
        <Button emphasis="primary" icon={FolderOpen} onClick={() => void pickFolder(model)}>
          Open another folder…
        </Button>
      }
    >
      <span className="mono">{folder}</span> has no compose.yaml, compose.yml, docker-compose.yaml or
      docker-compose.yml. Add one, and it shows up here.
    </EmptyState>
  );
}

function InvalidCard({ error }: { readonly error: AppError }) {
  const facts = factsOf(error);
  return (
    <ErrorCard title={error.message} className="selectable">
      {facts.length > 0 && (
        <dl>
          {facts.map(([term, text]) => (
            <div key={term} style={{ display: 'contents' }}>
              <dt>{term}</dt>
              <dd className="mono">{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {error.hint && <p>{error.hint}</p>}
    </ErrorCard>
  );
}

function factsOf(error: AppError): readonly (readonly [string, string])[] {
  const facts: [string, string | undefined][] = [
    ['where', 'at' in error && error.at ? `${error.at.file}:${error.at.line}:${error.at.column}` : undefined],
    ['in', 'path' in error ? error.path : undefined],
    ['expected', error.kind === 'compose.invalid' ? error.expected : undefined],
    ['did you mean', error.kind === 'compose.invalid' ? error.suggestion : undefined],
    ['cycle', error.kind === 'compose.cycle' ? error.services.join(' → ') : undefined],
    ['variables', error.kind === 'compose.variable' ? error.variables.join(', ') : undefined],
  ];
  return facts.flatMap(([term, text]) => (text ? [[term, text] as const] : []));
}
