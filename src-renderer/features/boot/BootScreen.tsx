import type { WorkspaceId } from '#contract/ids.ts';

export function BootScreen({ workspace }: { readonly workspace: WorkspaceId }) {
  return <div className="page">{workspace}</div>;
}
