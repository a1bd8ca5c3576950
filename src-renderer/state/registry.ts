import type { LucideIcon } from 'lucide-react';
import type { ComponentType } from 'react';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { WindowModel } from './windowModel.ts';

/** One entry of the navigation. */
export interface Screen {
  readonly id: string;
  readonly title: string;
  readonly icon: LucideIcon;
  /** A figure beside its name, in a few characters; a hook. */
  readonly useBadge?: (workspace: WorkspaceId) => { text: string; tone?: 'wait' | 'fail' } | undefined;
  /** Not in the navigation: opened from elsewhere. */
  readonly hidden?: boolean;
  /** Panes stay below it; a screen without them has the whole height. */
  readonly withDock?: boolean;
  readonly Component: ComponentType<{ readonly workspace: WorkspaceId }>;
}

/** Something to do with the whole window or project, offered in the palette. */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly icon?: LucideIcon | undefined;
  readonly keys?: string | undefined;
  /** More words to find it by. */
  readonly words?: string | undefined;
  readonly run: () => void;
}

/** The commands that make sense now. Called when the palette opens. */
export type CommandSource = (model: WindowModel, workspace: WorkspaceId | undefined) => readonly Command[];

/** Something to do with one service: in its row's menu, by key, and in the palette. */
export interface ServiceAction {
  readonly id: string;
  readonly title: string;
  readonly icon?: LucideIcon | undefined;
  /** One key, while the row has the focus. */
  readonly keys?: string | undefined;
  /** Menus draw a line between groups. */
  readonly group: 'panes' | 'state' | 'version' | 'look' | 'remove';
  readonly look?: 'danger' | undefined;
  readonly available: (service: ServiceRecord) => boolean;
  readonly run: (model: WindowModel, service: ServiceRecord) => void;
}

export interface DialogProps {
  readonly workspace: WorkspaceId;
  readonly service?: ServiceName | undefined;
  readonly input?: Readonly<Record<string, string>> | undefined;
  readonly onClose: () => void;
}

/** Everything features add to the window. They are put together in one place (src-renderer/features.ts). */
export interface Registry {
  readonly screens: readonly Screen[];
  readonly commands: readonly CommandSource[];
  readonly serviceActions: readonly ServiceAction[];
  /** Opened with `model.view.setState({ dialog: { id, … } })`. */
  readonly dialogs: Readonly<Record<string, ComponentType<DialogProps>>>;
}
