import Conf from 'conf';
import type { RecentProject, SettingsRecord } from '#contract/model.ts';

type Theme = SettingsRecord['theme'];
interface Stored {
  theme: Theme;
  recents: RecentProject[];
}

const THEMES: readonly Theme[] = ['light', 'dark', 'system'];
/** More than a start screen shows. */
const RECENT_LIMIT = 20;

/** What the user chose, kept in one file that survives a crash in the middle of a write. */
export class Settings {
  readonly #conf: Conf<Stored>;

  /** `folder` is made when something is first written. */
  constructor(folder: string) {
    this.#conf = new Conf<Stored>({
      cwd: folder,
      configName: 'settings',
      defaults: { theme: 'system', recents: [] },
      // A file that somebody broke by hand must not keep the app from starting.
      clearInvalidConfig: true,
    });
  }

  get theme(): Theme {
    const theme = this.#conf.get('theme');
    return THEMES.includes(theme) ? theme : 'system';
  }

  set theme(theme: Theme) {
    this.#conf.set('theme', theme);
  }

  /** Newest first. */
  get recents(): readonly RecentProject[] {
    const stored: unknown = this.#conf.get('recents');
    return Array.isArray(stored) ? stored.filter(isRecent) : [];
  }

  remember(recent: RecentProject): void {
    const others = this.recents.filter((entry) => entry.folder !== recent.folder);
    this.#conf.set('recents', [recent, ...others].slice(0, RECENT_LIMIT));
  }

  forget(folder: string): void {
    this.#conf.set(
      'recents',
      this.recents.filter((entry) => entry.folder !== folder),
    );
  }
}

function isRecent(entry: unknown): entry is RecentProject {
  if (typeof entry !== 'object' || entry === null) return false;
  const { folder, name, openedAt } = entry as Partial<Record<keyof RecentProject, unknown>>;
  return typeof folder === 'string' && typeof name === 'string' && typeof openedAt === 'number';
}
