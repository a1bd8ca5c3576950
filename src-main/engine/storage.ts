export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly created: number;
  readonly options: Readonly<Record<string, string>>;
  readonly containers: readonly string[];
}

export interface VolumeSummary {
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly mountpoint: string;
  readonly created: number;
  readonly scope: string;
}
