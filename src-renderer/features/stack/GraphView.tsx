import '@xyflow/react/dist/style.css';
import './graph.css';
import { Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { describeCondition, toneOf } from '#contract/describe.ts';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import { showPane } from '#state/actions.ts';
import { useKnown, useServer, useService, useWindow, useWorkspaceView } from '#state/hooks.ts';
import { selectServices } from '#state/selectors.ts';
import { changeView } from '#state/viewStore.ts';
import { cx } from '#ui/cx.ts';
import { Dot } from '#ui/Dot.tsx';
import { type Dependencies, dependenciesOf, graphKey, layOut, type Place } from './graphLayout.ts';
import { describeService, versionText } from './words.ts';

type ServiceNode = Node<{ readonly workspace: WorkspaceId; readonly name: ServiceName }, 'service'>;

const nodeTypes = { service: memo(ServiceBox) };

/** The services as a graph: what depends on what, and where a boot stands. */
export function GraphView({ workspace }: { readonly workspace: WorkspaceId }) {
  const model = useWindow();
  const graph = useDependencies(workspace);
  const places = usePlaces(graph);
  const nodes = useMemo(() => nodesOf(workspace, graph, places), [workspace, graph, places]);
  const edges = useMemo(() => edgesOf(graph), [graph]);
  if (!places) return <div className="graph" aria-busy="true" />;
  return (
    <div className="graph">
      <ReactFlow
        key={graphKey(graph)}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        onlyRenderVisibleElements
        minZoom={0.1}
        maxZoom={1.5}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.12 }}
        proOptions={{ hideAttribution: true }}
        onNodeClick={(_, node) => changeView(model.view, workspace, { selected: node.id as ServiceName })}
        onNodeDoubleClick={(_, node) => showPane(model, workspace, { type: 'logs', services: [node.id] })}
      >
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function ServiceBox({ data }: NodeProps<ServiceNode>) {
  const service = useService(data.workspace, data.name);
  const selected = useWorkspaceView(data.workspace, (view) => view.selected === data.name);
  const words = useKnown((now) => (service ? describeService(service, now) : ''));
  if (!service) return null;
  const tone = toneOf(service);
  return (
    <div
      className={cx('graph-node', selected && 'selected', tone === 'fail' && 'tone-border-fail')}
      title={words}
    >
      <Handle type="target" position={Position.Left} />
      <Dot tone={tone} />
      <b>
        <span className="cut">{service.name}</span>
        <span className="faint cut">{versionText(service)}</span>
      </b>
      <small className="cut">{words}</small>
      <Handle type="source" position={Position.Right} />
    </div>
  );
}

function useDependencies(workspace: WorkspaceId): Dependencies {
  const last = useRef<Dependencies>({ names: [], edges: [] });
  return useServer((state) => {
    const next = dependenciesOf(selectServices(state, workspace));
    if (graphKey(next) !== graphKey(last.current)) last.current = next;
    return last.current;
  });
}

function usePlaces(graph: Dependencies): ReadonlyMap<string, Place> | undefined {
  const { notices } = useWindow();
  const [places, setPlaces] = useState<ReadonlyMap<string, Place>>();
  useEffect(() => {
    let current = true;
    layOut(graph).then(
      (laid) => current && setPlaces(laid),
      (thrown: unknown) => notices.failed('Drawing the graph', thrown),
    );
    return () => {
      current = false;
    };
  }, [graph, notices]);
  return places;
}

function nodesOf(
  workspace: WorkspaceId,
  graph: Dependencies,
  places: ReadonlyMap<string, Place> | undefined,
): ServiceNode[] {
  return graph.names.map((name) => ({
    id: name,
    type: 'service',
    position: places?.get(name) ?? { x: 0, y: 0 },
    data: { workspace, name },
    ariaLabel: name,
  }));
}

function edgesOf(graph: Dependencies): Edge[] {
  return graph.edges.map(({ from, to, condition }) => ({
    id: `${from}>${to}`,
    source: from,
    target: to,
    ariaLabel: `${to} needs ${from}: ${describeCondition(condition)}`,
    style: condition === 'service_started' ? { strokeDasharray: '4 3' } : {},
  }));
}
