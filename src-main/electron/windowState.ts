import Conf from 'conf';

/** A window's place on the desktop, as Electron counts it: device-independent pixels. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the window was when it was last closed. */
export interface WindowState {
  readonly bounds?: Bounds | undefined;
  readonly maximized: boolean;
}

export const DEFAULT_SIZE = { width: 1280, height: 820 };
export const SMALLEST_SIZE = { width: 720, height: 480 };

/** So much of a title bar must be on some screen that one can get hold of it. */
const GRIP_PIXELS = 80;

/** Remembers the window in one small file of the user's settings folder. */
export class WindowStateFile {
  readonly #conf: Conf<{ window: WindowState }>;

  constructor(folder: string) {
    this.#conf = new Conf<{ window: WindowState }>({
      cwd: folder,
      configName: 'window',
      defaults: { window: { maximized: false } },
      clearInvalidConfig: true,
    });
  }

  /** The last place, as far as the screens that are there now still show it. */
  read(screens: readonly Bounds[]): WindowState {
    const { bounds, maximized } = this.#conf.get('window');
    return {
      maximized: maximized === true,
      bounds: isBounds(bounds) && isReachable(bounds, screens) ? bounds : undefined,
    };
  }

  write(state: WindowState): void {
    this.#conf.set('window', state);
  }
}

/** Can the user still get hold of a window there? Screens come and go between starts. */
export function isReachable(bounds: Bounds, screens: readonly Bounds[]): boolean {
  return screens.some(
    (screen) =>
      bounds.x + bounds.width >= screen.x + GRIP_PIXELS &&
      bounds.x <= screen.x + screen.width - GRIP_PIXELS &&
      bounds.y >= screen.y &&
      bounds.y <= screen.y + screen.height - GRIP_PIXELS,
  );
}

/** The file is the user's: it may hold anything. */
function isBounds(value: unknown): value is Bounds {
  if (typeof value !== 'object' || value === null) return false;
  const { x, y, width, height } = value as Partial<Record<keyof Bounds, unknown>>;
  const whole = [x, y, width, height].every((entry) => Number.isSafeInteger(entry));
  return whole && Number(width) >= SMALLEST_SIZE.width && Number(height) >= SMALLEST_SIZE.height;
}
