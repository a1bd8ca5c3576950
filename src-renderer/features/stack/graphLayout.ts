import type { ELK } from 'elkjs/lib/elk-api.js';
import Elk from 'elkjs/lib/elk-api.js';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import type { ServiceName } from '#contract/ids.ts';
import type { Condition, ServiceRecord } from '#contract/model.ts';

export const NODE_WIDTH = 208;
export const NODE_HEIGHT = 52;

/** Who depends on whom; changes only when the file does. */
export interface Dependencies {
  readonly names: readonly ServiceName[];
  readonly edges: readonly {
    readonly from: ServiceName;
    readonly to: ServiceName;
    readonly condition: Condition;
  }[];
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export function dependenciesOf(services: readonly ServiceRecord[]): Dependencies {
  const names = services.map((service) => service.name);
  const edges = services.flatMap((service) =>
    service.dependsOn
      .filter((dependency) => names.includes(dependency.service))
      .map(({ service: from, condition }) => ({ from, to: service.name, condition })),
  );
  return { names, edges };
}

/** Equal graphs have equal keys. */
export function graphKey(graph: Dependencies): string {
  return JSON.stringify([graph.names, graph.edges]);
}

/** Places every service to the right of what it depends on. */
export async function layOut(graph: Dependencies): Promise<ReadonlyMap<string, Place>> {
  // Two hundred services take the layout a while: a worker of its own keeps it off the window's thread.
  const elk = new Elk({ workerFactory: () => new Worker(workerUrl) });
  try {
    return await placesOf(elk, graph);
  } finally {
    elk.terminateWorker();
  }
}

async function placesOf(elk: ELK, graph: Dependencies): Promise<ReadonlyMap<string, Place>> {
  const laid = await elk.layout({
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.spacing.nodeNode': '20',
      'elk.layered.spacing.nodeNodeBetweenLayers': '64',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    },
    children: graph.names.map((id) => ({ id, width: NODE_WIDTH, height: NODE_HEIGHT })),
    edges: graph.edges.map(({ from, to }) => ({ id: `${from}>${to}`, sources: [from], targets: [to] })),
  });
  return new Map(laid.children?.map((node) => [node.id, { x: node.x ?? 0, y: node.y ?? 0 }]));
}
