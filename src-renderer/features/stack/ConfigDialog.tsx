import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { TextDialog } from './TextDialog.tsx';

/** The project as it is after all files, variables and overrides. */
export function ConfigDialog({ workspace, onClose }: DialogProps) {
  const { client } = useWindow();
  return (
    <TextDialog
      title="Resolved file"
      about="after all files, variables and overrides"
      load={async (signal) => (await client.project.config({ workspace, format: 'yaml' }, { signal })).text}
      onClose={onClose}
    />
  );
}
