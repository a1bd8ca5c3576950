import type { StoreApi } from 'zustand/vanilla';
import type { WorkspaceId } from '#contract/ids.ts';
import type { LogLine } from '#contract/logBatch.ts';
import type { LogFacts, WholeLineText } from '#contract/requests/logs.ts';
import type { LogFilter } from '#contract/streams.ts';
import { attempt } from '#state/actions.ts';
import { selectServices } from '#state/selectors.ts';
import { saveDownload } from '#state/transfers.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { type FindQuery, spanInput, streamFilter } from './logFilters.ts';
import type { LogPaneState } from './logPaneState.ts';
import { numberedServices, shownSource } from './sourceWidth.ts';

interface LogQuestionOptions {
  readonly workspace: WorkspaceId;
  readonly state: StoreApi<LogPaneState>;
}

/** What a pane asks the core about its lines: which they are, and what can be saved of them. */
export class LogQuestion {
  readonly #model: WindowModel;
  readonly #options: LogQuestionOptions;
  /** What is looked for now. */
  find: () => FindQuery = () => ({ text: '', regex: false, caseSensitive: false });

  constructor(model: WindowModel, options: LogQuestionOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** What every question says. */
  get query() {
    const { filter, services } = this.#options.state.getState();
    return { workspace: this.#options.workspace, services: [...services], ...spanInput(filter) };
  }

  /** Which lines the pane shows; undefined for all of them. */
  get filter(): LogFilter | undefined {
    return streamFilter(this.find(), this.#options.state.getState().filter);
  }

  get filtered() {
    const { filter } = this;
    return { ...this.query, ...(filter === undefined ? {} : { filter }) };
  }

  /** A line's source as the pane draws it. */
  shownSource(source: string): string {
    const services = selectServices(this.#model.server.getState(), this.#options.workspace);
    return shownSource(source, numberedServices(services));
  }

  facts(signal: AbortSignal): Promise<LogFacts> {
    return this.#model.client.logs.facts({ workspace: this.#options.workspace }, { signal });
  }

  /** Saves everything stored that the filter lets through, not only what is on screen. */
  export(format: 'text' | 'jsonLines'): void {
    const asked = this.#model.client.logs.export({ ...this.filtered, format });
    void attempt(
      this.#model,
      'The export',
      asked.then((download) => saveDownload(this.#model, download)),
    );
  }

  /** The whole of a line, up to what a window should show. */
  wholeLine(line: LogLine, signal: AbortSignal): Promise<WholeLineText> {
    return this.#model.client.logs.line(this.#oneLine(line), { signal });
  }

  /** Saves a line as it was written, however long it is. */
  saveLine(line: LogLine): void {
    const asked = this.#model.client.logs.saveLine(this.#oneLine(line));
    void attempt(
      this.#model,
      'Saving the line',
      asked.then((download) => saveDownload(this.#model, download)),
    );
  }

  #oneLine({ source, id }: LogLine) {
    return { workspace: this.#options.workspace, source, line: id };
  }
}
