import { paneCommands } from '#panes/paneCommands.ts';
import type { Registry } from '#state/registry.ts';
import { bootScreen } from './features/boot/screen.ts';
import { buildActions, buildsScreen } from './features/builds/screen.ts';
import {
  ExportCheckpointDialog,
  ImportCheckpointDialog,
  TakeCheckpointDialog,
} from './features/data/CheckpointDialogs.tsx';
import { dataActions, dataScreen } from './features/data/screen.ts';
import { doctorScreen } from './features/doctor/screen.ts';
import { filesAction, manyCommands } from './features/files/actions.ts';
import { CommandDialog } from './features/files/CommandDialog.tsx';
import { FilesDialog } from './features/files/FilesDialog.tsx';
import { memoryScreen } from './features/memory/screen.ts';
import { ChangesDialog } from './features/production/ChangesDialog.tsx';
import { CompareDialog } from './features/production/CompareDialog.tsx';
import { LoginDialog } from './features/production/LoginDialog.tsx';
import { OpenPackDialog, PackDialog } from './features/production/PackDialogs.tsx';
import { SwapDialog } from './features/production/SwapDialog.tsx';
import {
  changesAction,
  compareAction,
  productionScreen,
  shareCommands,
  swapAction,
  unswapAction,
} from './features/production/screen.ts';
import { gatewayAction, gatewayCommands } from './features/settings/gatewayActions.ts';
import { settingsScreen } from './features/settings/screen.ts';
import { shellCommands } from './features/shell/shellCommands.ts';
import { ConfigDialog } from './features/stack/ConfigDialog.tsx';
import { DefinitionDialog } from './features/stack/DefinitionDialog.tsx';
import { InspectDialog } from './features/stack/InspectDialog.tsx';
import { PrerequisitesDialog } from './features/stack/PrerequisitesDialog.tsx';
import { SetVariableDialog } from './features/stack/SetVariableDialog.tsx';
import { stackScreen } from './features/stack/screen.ts';
import { serviceActions } from './features/stack/serviceActions.ts';
import { firstDayCommands } from './features/stack/stackCommands.ts';
import { VariablesDialog } from './features/stack/VariablesDialog.tsx';
import { terminalActions } from './features/terminals/actions.ts';
import { ShellDialog } from './features/terminals/ShellDialog.tsx';
import { MatrixDialog } from './features/versions/MatrixDialog.tsx';
import { SwitchDialog } from './features/versions/SwitchDialog.tsx';
import { SwitchManyDialog } from './features/versions/SwitchManyDialog.tsx';
import {
  matrixAction,
  reindexAction,
  switchAction,
  versionCommands,
  versionsScreen,
} from './features/versions/screen.ts';

/** What the window is made of. A new screen, command, action or dialog is one line here. */
export const features: Registry = {
  screens: [
    stackScreen,
    bootScreen,
    versionsScreen,
    buildsScreen,
    productionScreen,
    dataScreen,
    memoryScreen,
    doctorScreen,
    settingsScreen,
  ],
  commands: [
    shellCommands,
    manyCommands,
    gatewayCommands,
    paneCommands,
    firstDayCommands,
    versionCommands,
    shareCommands,
  ],
  serviceActions: [
    ...serviceActions,
    ...terminalActions,
    filesAction,
    ...buildActions,
    gatewayAction,
    switchAction,
    matrixAction,
    reindexAction,
    ...dataActions,
    swapAction,
    unswapAction,
    compareAction,
    changesAction,
  ],
  dialogs: {
    compareImages: CompareDialog,
    config: ConfigDialog,
    containerChanges: ChangesDialog,
    openPack: OpenPackDialog,
    pack: PackDialog,
    definition: DefinitionDialog,
    exportCheckpoint: ExportCheckpointDialog,
    importCheckpoint: ImportCheckpointDialog,
    execMany: CommandDialog,
    files: FilesDialog,
    inspect: InspectDialog,
    prerequisites: PrerequisitesDialog,
    registryLogin: LoginDialog,
    setVariable: SetVariableDialog,
    shellAs: ShellDialog,
    swap: SwapDialog,
    matrix: MatrixDialog,
    switchMany: SwitchManyDialog,
    switchVersion: SwitchDialog,
    takeCheckpoint: TakeCheckpointDialog,
    variables: VariablesDialog,
  },
};
