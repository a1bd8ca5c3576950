import type { FailedSwitch } from '#contract/requests/versions.ts';
import type { TextStore } from '#run/history.ts';

const FILE = 'failed.json';

/** By service, its last switch where that was taken back; on disk, since who was away when it happened wants to know, too. */
export class FailedSwitches {
  readonly #store: TextStore;

  constructor(store: TextStore) {
    this.#store = store;
  }

  async of(service: string): Promise<FailedSwitch | undefined> {
    return (await this.#all())[service];
  }

  async put(service: string, failed: FailedSwitch): Promise<void> {
    await this.#write({ ...(await this.#all()), [service]: failed });
  }

  async forget(service: string): Promise<void> {
    const { [service]: known, ...others } = await this.#all();
    if (known) await this.#write(others);
  }

  async #all(): Promise<Readonly<Record<string, FailedSwitch>>> {
    const text = await this.#store.read(FILE);
    try {
      return text === undefined ? {} : (JSON.parse(text) as Readonly<Record<string, FailedSwitch>>);
    } catch (thrown) {
      // A note to be read once: one that is damaged is no reason to have no versions.
      if (thrown instanceof SyntaxError) return {};
      throw thrown;
    }
  }

  #write(all: Readonly<Record<string, FailedSwitch>>): Promise<void> {
    return this.#store.write(FILE, `${JSON.stringify(all)}\n`);
  }
}
