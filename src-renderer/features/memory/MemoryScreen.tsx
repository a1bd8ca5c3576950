import '#ui/page.css';
import './memory.css';
import { MemoryStick } from 'lucide-react';
import { useEffect } from 'react';
import { describeBytes } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import { useAllFigures, useServer, useServerShallow, useWindow } from '#state/hooks.ts';
import { selectEngine, selectServices } from '#state/selectors.ts';
import { EmptyState } from '#ui/EmptyState.tsx';
import { MemoryRow } from './MemoryRow.tsx';

/** Who takes how much of the machine's memory, who may take how much, and who has run out of it. */
export function MemoryScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  const services = useServerShallow((state) => selectServices(state, workspace)).filter(
    ({ disabled }) => !disabled,
  );
  const engine = useServer(selectEngine);
  const machine = engine?.type === 'connected' ? engine.memoryBytes : undefined;
  useFiguresOf(workspace, services);
  if (services.length === 0 || machine === undefined) {
    return (
      <EmptyState icon={MemoryStick} screen="Memory" title="Nothing to measure">
        {machine === undefined ? 'The engine does not answer.' : 'This project has no services.'}
      </EmptyState>
    );
  }
  return (
    <div className="page">
      <h1>Memory</h1>
      <Total services={services} machine={machine} />
      <table className="memory-table">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">In use</th>
            <th scope="col" className="memory-limit">
              Limit
            </th>
            <th scope="col" className="figure">
              Out of memory
            </th>
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <MemoryRow key={service.name} service={service} machine={machine} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Figures flow for what is on this screen, as long as it is there. */
function useFiguresOf(workspace: WorkspaceId, services: readonly ServiceRecord[]): void {
  const { stats } = useWindow();
  const running = services.filter(({ replicas }) => replicas.some(({ state }) => state === 'running'));
  const names = running.map(({ name }) => name).join('\n');
  useEffect(() => {
    stats.want(workspace, names === '' ? [] : names.split('\n'));
    return () => stats.want(undefined, []);
  }, [stats, workspace, names]);
}

interface TotalProps {
  readonly services: readonly ServiceRecord[];
  readonly machine: number;
}

function Total({ services, machine }: TotalProps) {
  const used = useAllFigures(services);
  const limits = services.flatMap(({ memory, wantedReplicas }) =>
    memory?.limitBytes === undefined ? [] : [memory.limitBytes * wantedReplicas],
  );
  const allowed = limits.reduce((sum, bytes) => sum + bytes, 0);
  const words = [
    `${used === undefined ? 'Nothing measured yet' : `${describeBytes(used)} in use`} of the machine's ${describeBytes(machine)}`,
    limits.length === 0 ? 'no limits' : `limits add up to ${describeBytes(allowed)}`,
  ];
  return (
    <>
      <p className={allowed > machine ? 'page-sub tone-wait' : 'page-sub'}>{words.join(' · ')}</p>
      <meter className="memory-total" aria-label="In use of the machine" max={machine} value={used ?? 0}>
        {describeBytes(used ?? 0)}
      </meter>
    </>
  );
}
