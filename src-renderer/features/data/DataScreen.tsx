import '#ui/page.css';
import './data.css';
import { Camera, Database, Import } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { describeBytes, describeError } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import { useIsBusy, useRun, useServerShallow, useWindow, useWorkspace } from '#state/hooks.ts';
import { selectSteps } from '#state/selectors.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { EmptyState } from '#ui/EmptyState.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { CheckpointsTable } from './CheckpointsTable.tsx';
import { importsOf } from './imports.ts';
import { VolumesTable } from './VolumesTable.tsx';

/** What is stored, who uses it, and every way back. */
export function DataScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const { client, view } = model;
  const record = useWorkspace(workspace);
  const [round, setRound] = useState(0);
  const imported = useStore(importsOf(model).store, ({ done }) => done);
  // A run changes what there is; so do the engine's return and an import, which is no run.
  const key = `${workspace}/${record?.activeRun ?? ''}/${record?.live}/${round}/${imported}`;
  const overview = useAsked((signal) => client.data.view({ workspace }, { signal }), key);
  const sizes = useAsked((signal) => client.data.sizes({ workspace }, { signal }), key);
  const busy = useIsBusy(workspace);
  const open = (id: string) => view.setState({ dialog: { id } });
  const data = overview.value;
  const changed = () => setRound((count) => count + 1);
  return (
    <div className="page data">
      <div className="page-head">
        <div>
          <h1>Data</h1>
          <p className="page-sub">
            What your services store, and every way back. Nothing that Slipway deletes is gone at once.
          </p>
        </div>
        <Button icon={Import} onClick={() => open('importCheckpoint')}>
          Import…
        </Button>
        <Button
          icon={Camera}
          disabled={busy || !data?.volumes.some(({ use }) => use === 'mounted')}
          onClick={() => open('takeCheckpoint')}
        >
          Take a checkpoint
        </Button>
      </div>
      <Working workspace={workspace} />
      {overview.failure && (
        <ErrorCard title="The volumes could not be read">
          <p>{describeError(overview.failure)}</p>
        </ErrorCard>
      )}
      {data?.volumes.length === 0 && data.checkpoints.length + data.bin.length === 0 && (
        <EmptyState icon={Database} title="No data yet">
          The volumes of this stack appear here once it has been booted.
        </EmptyState>
      )}
      {data && data.volumes.length > 0 && (
        <section aria-labelledby="data-volumes">
          <h2 id="data-volumes">Volumes</h2>
          <VolumesTable
            workspace={workspace}
            volumes={data.volumes}
            seeds={data.checkpoints.filter(({ seed }) => seed)}
            sizes={sizes.value?.bytes}
            busy={busy}
          />
        </section>
      )}
      {data && data.checkpoints.length > 0 && (
        <section aria-labelledby="data-checkpoints">
          <h2 id="data-checkpoints">Checkpoints</h2>
          <CheckpointsTable
            workspace={workspace}
            checkpoints={data.checkpoints}
            busy={busy}
            changed={changed}
          />
        </section>
      )}
      {data && data.bin.length > 0 && (
        <section aria-labelledby="data-bin">
          <h2 id="data-bin">Bin</h2>
          <CheckpointsTable workspace={workspace} checkpoints={data.bin} busy={busy} changed={changed} />
        </section>
      )}
      {data && <p className="faint data-folder selectable">Kept in {data.folder}</p>}
    </div>
  );
}

/** What is being copied now, and how far it is. */
function Working({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const record = useWorkspace(workspace);
  const run = useRun(workspace, record?.activeRun);
  const step = useServerShallow((state) => selectSteps(state, run)).find(
    ({ status }) => status === 'running',
  );
  if (!run) return null;
  const { progress } = step ?? {};
  const total = progress?.total === undefined ? '' : ` of ${describeBytes(progress.total)}`;
  const bytes = progress && progress.unit === 'bytes' ? `, ${describeBytes(progress.current)}${total}` : '';
  return (
    <div className="data-working" role="status">
      <b>{run.title}</b>
      <span className="dim cut">
        {progress?.text ?? step?.label ?? ''}
        {bytes}
      </span>
      <span className="space" />
      <Button
        emphasis="quiet"
        onClick={() => void model.client.stack.cancel({ workspace, run: run.id }).catch(() => undefined)}
      >
        Cancel
      </Button>
    </div>
  );
}
