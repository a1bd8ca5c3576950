import type { TextStore } from '#base/textStore.ts';
import type { FailedSwitch } from '#contract/requests/versions.ts';

const FILE = 'failed.json';

/** By service, its last switch where that was taken back; on disk, since who was away when it happened wants to know, too. */
export class FailedSwitches {
  readonly #store: TextStore;

  constructor(store: TextStore) {
    this.#store = store;
  }

  async of(service: string): Promise<FailedSwitch | undefined> {
    return parsed(await this.#store.read(FILE))[service];
  }

  async put(service: string, failed: FailedSwitch): Promise<void> {
    await this.#store.update(FILE, (text) => written({ ...parsed(text), [service]: failed }));
  }

  async forget(service: string): Promise<void> {
    if ((await this.of(service)) === undefined) return;
    await this.#store.update(FILE, (text) => {
      const { [service]: _read, ...others } = parsed(text);
      return written(others);
    });
  }
}

type ByService = Readonly<Record<string, FailedSwitch>>;

function parsed(text: string | undefined): ByService {
  try {
    return text === undefined ? {} : (JSON.parse(text) as ByService);
  } catch (thrown) {
    // A note to be read once: one that is damaged is no reason to have no versions.
    if (thrown instanceof SyntaxError) return {};
    throw thrown;
  }
}

function written(all: ByService): string {
  return `${JSON.stringify(all)}\n`;
}
