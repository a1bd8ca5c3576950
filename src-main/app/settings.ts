import type Conf from 'conf';
import { GATEWAY_PORT } from '#contract/gatewayAddress.ts';
import type { RecentProject, SettingsRecord } from '#contract/model.ts';
import type { Logger } from './coreOptions.ts';

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

const DEFAULTS: Stored = { theme: 'system', recents: [], gateway: { on: false, port: GATEWAY_PORT } };
const THEMES: readonly Theme[] = ['light', 'dark', 'system'];
/** More than a start screen shows. */
const RECENT_LIMIT = 20;

/**
 * What the user chose, kept in one file that survives a crash in the middle of a write. Where that cannot be read or written
 * there are the defaults, and a choice holds as long as the app runs.
 */
export class Settings {
  readonly #folder: string;
  readonly #logger: Logger;
  #opened: Promise<Conf<Stored>> | undefined;
  /** What could not be written: it goes along with the next choice. */
  #unkept: Partial<Stored> = {};

  /** `folder` is made, and the library loaded, when the settings are first wanted: a single command never does. */
  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  async read(): Promise<{
    readonly theme: Theme;
    readonly recents: readonly RecentProject[];
    readonly gateway: GatewaySetting;
  }> {
    const { theme, recents, gateway } = { ...(await this.#kept()), ...this.#unkept };
    return {
      theme: THEMES.includes(theme) ? theme : 'system',
      recents: Array.isArray(recents) ? recents.filter(isRecent) : [],
      gateway: gatewaySetting(gateway),
    };
  }

  setTheme(theme: Theme): Promise<void> {
    return this.#set({ theme });
  }

  setGateway(gateway: GatewaySetting): Promise<void> {
    return this.#set({ gateway });
  }

  /** Puts a project first among the recent ones. */
  async remember(recent: RecentProject): Promise<void> {
    const others = (await this.read()).recents.filter((entry) => entry.folder !== recent.folder);
    await this.#set({ recents: [recent, ...others].slice(0, RECENT_LIMIT) });
  }

  async forget(folder: string): Promise<void> {
    const others = (await this.read()).recents.filter((entry) => entry.folder !== folder);
    await this.#set({ recents: others });
  }

  async #kept(): Promise<Stored> {
    try {
      return (await this.#open()).store;
    } catch (thrown) {
      this.#logger.warn({ thrown }, 'the settings cannot be read');
      return DEFAULTS;
    }
  }

  async #set(change: Partial<Stored>): Promise<void> {
    this.#unkept = { ...this.#unkept, ...change };
    try {
      const conf = await this.#open();
      conf.store = { ...conf.store, ...this.#unkept };
      this.#unkept = {};
    } catch (thrown) {
      this.#logger.warn({ thrown }, 'the settings cannot be written');
    }
  }

  /** Tried anew each time until it succeeds. */
  async #open(): Promise<Conf<Stored>> {
    this.#opened ??= openConf(this.#folder);
    try {
      return await this.#opened;
    } catch (thrown) {
      this.#opened = undefined;
      throw thrown;
    }
  }
}

async function openConf(folder: string): Promise<Conf<Stored>> {
  const { default: ConfFile } = await import('conf');
  return new ConfFile<Stored>({
    cwd: folder,
    configName: 'settings',
    defaults: DEFAULTS,
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
