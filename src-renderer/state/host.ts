/** What the host of this window can do that a page cannot. A browser has none of it. */
export interface Host {
  /** The system's folder dialog. */
  readonly pickFolder?: (() => Promise<string | undefined>) | undefined;
  /** Where a dropped file lies. */
  readonly pathOf?: ((file: File) => string | undefined) | undefined;
}
