import { useEffect } from 'react';
import type { MenuCommand } from '#contract/bridge.ts';
import { unreachable } from '#contract/unreachable.ts';
import { openFolder, pickFolder, showSettings } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import type { WindowModel } from '#state/windowModel.ts';

/** Does what the desktop app asks for: a folder from its command line, a choice in its menu, a folder dropped on us. */
export function useHost(): void {
  const model = useWindow();
  useEffect(() => {
    const { bridge } = model;
    if (!bridge) return;
    const ends = [
      bridge.onOpenFolder((folder) => void openFolder(model, folder)),
      bridge.onCommand((command) => onCommand(model, command)),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [model]);
  useEffect(() => takeDrops(model), [model]);
}

function onCommand(model: WindowModel, command: MenuCommand): void {
  switch (command) {
    case 'openFolder':
      void pickFolder(model);
      return;
    case 'palette':
      model.view.setState({ palette: true });
      return;
    case 'settings':
      showSettings(model);
      return;
    default:
      unreachable(command);
  }
}

/** A folder dropped anywhere is opened. Without this a dropped file would replace the page. */
function takeDrops(model: WindowModel): () => void {
  const over = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = model.bridge ? 'copy' : 'none';
  };
  const drop = (event: DragEvent) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    const path = model.bridge?.pathForFile(file);
    if (path) void openFolder(model, path);
  };
  document.addEventListener('dragover', over);
  document.addEventListener('drop', drop);
  return () => {
    document.removeEventListener('dragover', over);
    document.removeEventListener('drop', drop);
  };
}
