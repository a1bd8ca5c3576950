/** The hashes that docker compose writes on what it creates, by the key in the file. */
export interface ConfigHashes {
  readonly services: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, string>>;
  readonly volumes: Readonly<Record<string, string>>;
}
