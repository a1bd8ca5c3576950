import type Conf from 'conf';
import { GATEWAY_PORT } from '#contract/gatewayAddress.ts';
import type { RecentProject, SettingsRecord } from '#contract/model.ts';

/** Whether the gateway listens when the app starts, and where. */
export interface GatewaySetting {
  readonly on: boolean;
  readonly port: number;
}

type Theme = SettingsRecord['theme'];
interface Stored {
  theme: Theme;
  gateway: GatewaySetting;
  recents: RecentProject[];
}

const THEMES: readonly Theme[] = ['light', 'dark', 'system'];
/** More than a start screen shows. */
const RECENT_LIMIT = 20;

/** What the user chose, kept in one file that survives a crash in the middle of a write. */
export class Settings {
  readonly #folder: string;
  #opened: Promise<Conf<Stored>> | undefined;

  /** `folder` is made, and the library loaded, when the settings are first wanted: a single command never does. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(): Promise<{
    readonly theme: Theme;
    readonly recents: readonly RecentProject[];
    readonly gateway: GatewaySetting;
  }> {
    const conf = await this.#open();
    const theme = conf.get('theme');
    const recents: unknown = conf.get('recents');
    return {
      theme: THEMES.includes(theme) ? theme : 'system',
      recents: Array.isArray(recents) ? recents.filter(isRecent) : [],
      gateway: gatewaySetting(conf.get('gateway')),
    };
  }

  async setTheme(theme: Theme): Promise<void> {
    (await this.#open()).set('theme', theme);
  }

  async setGateway(gateway: GatewaySetting): Promise<void> {
    (await this.#open()).set('gateway', gateway);
  }

  /** Puts a project first among the recent ones. */
  async remember(recent: RecentProject): Promise<void> {
    const others = (await this.read()).recents.filter((entry) => entry.folder !== recent.folder);
    (await this.#open()).set('recents', [recent, ...others].slice(0, RECENT_LIMIT));
  }

  async forget(folder: string): Promise<void> {
    const others = (await this.read()).recents.filter((entry) => entry.folder !== folder);
    (await this.#open()).set('recents', others);
  }

  #open(): Promise<Conf<Stored>> {
    this.#opened ??= openConf(this.#folder);
    return this.#opened;
  }
}

async function openConf(folder: string): Promise<Conf<Stored>> {
  const { default: ConfFile } = await import('conf');
  return new ConfFile<Stored>({
    cwd: folder,
    configName: 'settings',
    defaults: { theme: 'system', recents: [], gateway: { on: false, port: GATEWAY_PORT } },
    // A file that somebody broke by hand must not keep the app from starting.
    clearInvalidConfig: true,
  });
}

function gatewaySetting(value: unknown): GatewaySetting {
  const { on, port } = (value ?? {}) as Partial<Record<keyof GatewaySetting, unknown>>;
  const usable = typeof port === 'number' && Number.isInteger(port) && port >= 0 && port < 65_536;
  return { on: on === true, port: usable ? port : GATEWAY_PORT };
}

function isRecent(entry: unknown): entry is RecentProject {
  if (typeof entry !== 'object' || entry === null) return false;
  const { folder, name, openedAt } = entry as Partial<Record<keyof RecentProject, unknown>>;
  return typeof folder === 'string' && typeof name === 'string' && typeof openedAt === 'number';
}
