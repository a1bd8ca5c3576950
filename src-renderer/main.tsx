import { connect } from '#client/connect.ts';
import type { Bridge } from '#contract/bridge.ts';
import { createWindowModel } from '#state/windowModel.ts';
import { features } from './features.ts';
import { mount } from './mount.tsx';

declare global {
  /** What the desktop app's preload put there; a browser has none. */
  var slipway: Bridge | undefined;
}

mount(
  createWindowModel({
    connection: connect(),
    registry: features,
    bridge: globalThis.slipway,
    storage: globalThis.localStorage,
  }),
);
