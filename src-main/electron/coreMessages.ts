/** Main process to core process. A port of the window comes with `port`. */
export type ToCore = { readonly type: 'port' } | { readonly type: 'stop' };

/** Core process to main process: what only the main process may do. */
export interface FromCore {
  readonly type: 'openExternal';
  readonly url: string;
}
