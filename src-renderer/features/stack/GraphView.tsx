import type { WorkspaceId } from '#contract/ids.ts';

export function GraphView({ workspace }: { readonly workspace: WorkspaceId }) {
  return <div className="graph">{workspace}</div>;
}
