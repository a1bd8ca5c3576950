import { randomUUID } from 'node:crypto';
import { type Deferred, deferred } from '#base/deferred.ts';
import { AppFailure, isKind, throwIfCancelled } from '#contract/errors.ts';
import { demultiplex } from '#engine/demux.ts';
import type { ExecSession } from '#engine/streams.ts';
import type { Server } from '../profile.ts';
import { psql } from './psql.ts';

/** More than this is no answer to a question of ours. */
const LIMIT_BYTES = 64 * 1024 * 1024;

/** What does not depend on settings of the server, of a database or of a role. */
const NEUTRAL = `
SET standard_conforming_strings = on; SET search_path = ''; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET timezone = 'UTC';
SET extra_float_digits = 3; SET bytea_output = 'hex'; SET xmloption = content; SET row_security = off;
SET statement_timeout = 0; SET lock_timeout = 0; SET default_transaction_read_only = off; SET client_min_messages = warning;
`;

/**
 * One psql that is kept open and asked many things: starting a command in a container costs more than most answers do. It
 * stops at the first error, and so does the session: whoever asks then hears what psql said.
 */
export class PsqlSession {
  readonly #exec: ExecSession;
  readonly #signal: AbortSignal | undefined;
  readonly #marker = `slipway ${randomUUID()}`;
  #database: string | undefined;
  #answer: Deferred<readonly string[]> | undefined;
  #lines: string[] = [];
  #rest = '';
  #errors = '';
  #bytes = 0;
  #failure: unknown;

  private constructor(exec: ExecSession, database: string, signal: AbortSignal | undefined) {
    this.#exec = exec;
    this.#database = database;
    this.#signal = signal;
  }

  static async open(server: Server, database: string, signal?: AbortSignal): Promise<PsqlSession> {
    const exec = await server.open(psql(server.environment, database, '-f', '-'), { signal });
    const session = new PsqlSession(exec, database, signal);
    void session.#read();
    await session.#send(NEUTRAL);
    return session;
  }

  /** The lines that a script in a database prints. Throws `data.dumpFailed` with what psql said. */
  async query(database: string, script: string): Promise<readonly string[]> {
    if (database === this.#database) return this.#send(script);
    this.#database = undefined;
    const lines = await this.#send(`\\connect ${quoted(database)}\n${NEUTRAL}\n${script}`);
    this.#database = database;
    return lines;
  }

  /** A script of pg_dump or pg_restore: it may connect to other databases and change any setting. */
  async restore(database: string, script: string): Promise<void> {
    if (script === '') return;
    this.#database = undefined;
    await this.#send(`\\connect ${quoted(database)}\n${script}`);
  }

  /** Ends it at once; a question under way fails. */
  close(): void {
    this.#fail(this.#failure ?? new Error('The session was closed.'));
    this.#exec.close();
  }

  async #send(script: string): Promise<readonly string[]> {
    throwIfCancelled(this.#signal);
    if (this.#failure !== undefined) throw this.#failure;
    this.#lines = [];
    this.#bytes = 0;
    const answer = deferred<readonly string[]>();
    this.#answer = answer;
    const written = this.#exec.write(new TextEncoder().encode(`${script}\nSELECT '${this.#marker}';\n`));
    // A psql that ended takes no more: why it ended comes with its output.
    written.catch((thrown: unknown) => {
      if (!isKind(thrown, 'engine.unreachable')) this.#fail(thrown);
    });
    return answer.promise;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const { stream, bytes } of demultiplex(this.#exec.output)) {
        if (stream === 'stdout') this.#take(decoder.decode(bytes, { stream: true }));
        else this.#errors = (this.#errors + Buffer.from(bytes).toString('utf8')).slice(-LIMIT_BYTES / 1024);
      }
      this.#fail(said(this.#errors.trim() || 'psql has ended'));
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #take(text: string): void {
    this.#bytes += text.length;
    if (this.#bytes > LIMIT_BYTES) {
      this.#fail(said('too much output'));
      return;
    }
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === this.#marker) this.#done();
      else if (line !== '') this.#lines.push(line);
    }
  }

  #done(): void {
    this.#answer?.resolve(this.#lines);
    this.#answer = undefined;
  }

  #fail(thrown: unknown): void {
    this.#failure ??= thrown;
    this.#answer?.reject(this.#failure);
    this.#answer = undefined;
  }
}

function said(output: string): AppFailure {
  const first = output.split('\n').find((line) => /error|fatal/i.test(line)) ?? output.split('\n')[0];
  return new AppFailure({ kind: 'data.dumpFailed', service: '', output, message: `psql: ${first}` });
}

/** For psql's own commands, which take the quotes of SQL. */
function quoted(database: string): string {
  return `"${database.replaceAll('"', '""')}"`;
}
