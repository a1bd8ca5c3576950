import { type } from '@orpc/contract';
import { z } from 'zod';
import type { RunId, WorkspaceId } from '../ids.ts';
import { procedure, text, workspaceInput } from './procedure.ts';

/** What a reproduction pack would hold. Names, never values. */
export interface PackView {
  readonly services: readonly {
    readonly service: string;
    readonly image: string;
    /** `registry`: pulled by its digest. `pack`: it goes along. `none`: it cannot come along. */
    readonly from: 'registry' | 'pack' | 'none';
    readonly sizeBytes?: number | undefined;
    readonly why?: string | undefined;
  }[];
  /** What the colleague has to give, or has in a checkout. */
  readonly variables: readonly string[];
  readonly files: readonly string[];
  readonly checkpoints: readonly { readonly id: string; readonly name: string; readonly bytes: number }[];
  readonly notes: readonly string[];
  /** The minutes that the logs are of, milliseconds since the epoch. */
  readonly logs: { readonly sinceMs: number; readonly untilMs: number; readonly why: string };
  /** Before compression. */
  readonly bytes: number;
  /** A name for the file. */
  readonly fileName: string;
}

export interface OpenedPack {
  readonly workspace: WorkspaceId;
  readonly folder: string;
  /** As the stack was called where it was packed. */
  readonly project: string;
  /** Values that nothing here had: they are asked for before it boots. */
  readonly lacking: readonly string[];
  /** How many values came from the checkout at hand. */
  readonly taken: number;
  /** Published ports that were in use here, and where they went. */
  readonly movedPorts: readonly { readonly service: string; readonly from: string; readonly to: string }[];
  readonly checkpoints: readonly { readonly id: string; readonly name: string }[];
  readonly notes: readonly string[];
}

/** The registry that runs on this machine for a team, where it does. */
export interface LocalRegistryView {
  readonly state: 'absent' | 'stopped' | 'running';
  /** Takes pushes: `127.0.0.1:5050`. */
  readonly address: string;
  /** Passes pulls of Docker Hub on and keeps them. */
  readonly cacheAddress: string;
  /** The engine asks the cache first. */
  readonly cacheUsed: boolean;
  /** How colleagues reach it; empty while only this machine does. */
  readonly shared: readonly string[];
  readonly images: readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly image: string;
}

const packInput = workspaceInput.extend({
  /** Images that were built here go along unless this is false. */
  images: z.boolean().optional(),
  checkpoints: z.array(text).max(100).optional(),
  /** The moment that the logs are to show, milliseconds since the epoch; absent: the last failure. */
  aroundMs: z.number().int().optional(),
});

/** Absent: whichever registry runs here. */
const registryInput = workspaceInput.extend({ port: z.number().int().min(1).max(65_534).optional() });

export const share = {
  packPlan: procedure.input(packInput).output(type<PackView>()),
  /** One file with which a colleague boots the same stack. `file`: absolute. */
  pack: procedure.input(packInput.extend({ file: text })).output(type<{ run: RunId; file: string }>()),
  /**
   * Unpacks into a new folder, loads the images, opens the project. Values of variables come from the project in `valuesFrom`,
   * where it has them, and from nowhere else.
   */
  openPack: procedure
    .input(z.object({ file: text, folder: text.optional(), valuesFrom: text.optional() }))
    .output(type<OpenedPack>()),
  registry: procedure.input(registryInput).output(type<LocalRegistryView>()),
  /** Starts the registry's containers. `reach`: who may use it. */
  startRegistry: procedure
    .input(
      registryInput.extend({
        reach: z.enum(['thisMachine', 'network']),
        image: text.optional(),
      }),
    )
    .output(type<LocalRegistryView>()),
  /** What it holds stays, in its volumes. */
  stopRegistry: procedure.input(registryInput).output(type<void>()),
  /** Pushes local builds into it, for colleagues. */
  pushBuilds: procedure
    .input(registryInput.extend({ services: z.array(text).max(1000).optional(), tag: text.optional() }))
    .output(type<{ run: RunId }>()),
};
