import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { TextDialog } from './TextDialog.tsx';

/** A service's part of the resolved file, and where it stands. */
export function DefinitionDialog({ workspace, service, onClose }: DialogProps) {
  const { client } = useWindow();
  if (!service) return null;
  const load = async (signal: AbortSignal) => {
    const { yaml, at } = await client.service.definition({ workspace, service }, { signal });
    return at ? `# ${at.file}:${at.line}\n${yaml}` : yaml;
  };
  return <TextDialog title={service} about="its part of the file" load={load} onClose={onClose} />;
}
