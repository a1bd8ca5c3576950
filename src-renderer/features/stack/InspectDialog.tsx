import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { TextDialog } from './TextDialog.tsx';

/** What the engine says about a service's container. Secrets are masked by the core. */
export function InspectDialog({ workspace, service, onClose }: DialogProps) {
  const { client } = useWindow();
  if (!service) return null;
  const load = async (signal: AbortSignal) =>
    (await client.service.inspect({ workspace, service }, { signal })).json;
  return <TextDialog title={service} about="as the engine sees it" load={load} onClose={onClose} />;
}
