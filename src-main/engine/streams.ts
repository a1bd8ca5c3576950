import type { Cancel } from './engine.ts';

export interface OpenLogs {
  readonly follow: boolean;
  /** Seconds with nanoseconds, as the engine takes it: `1700000000.123456789`. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** The last so many lines; all when left out. */
  readonly tail?: number | undefined;
  readonly timestamps: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

/** Bytes with back-pressure: while no one asks for the next chunk, little is read ahead and then nothing, so the engine waits. */
export interface ByteSource extends AsyncIterable<Uint8Array> {
  /** Closes the connection at once. */
  close(): void;
}

export interface Duplex {
  readonly output: ByteSource;
  /** Resolves when the engine has taken the bytes (back-pressure). */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes standard input; output goes on. */
  end(): void;
  close(): void;
}

export interface ExecRequest {
  readonly command: readonly string[];
  readonly user?: string | undefined;
  readonly workingDir?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly privileged?: boolean | undefined;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly truncated: boolean;
}

export interface ExecSession extends Duplex {
  readonly id: string;
  /** Retried until the exec has started; a session that is gone is not an error. */
  resize(size: { readonly columns: number; readonly rows: number }): Promise<void>;
  /** Resolves when the output has ended. */
  exitCode(options?: Cancel): Promise<number>;
}
