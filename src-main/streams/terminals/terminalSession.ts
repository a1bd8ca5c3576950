import type { ByteChannel } from '#base/byteChannel.ts';
import { Disposables } from '#base/disposables.ts';
import { toAppError } from '#contract/errors.ts';
import { type DownControl, upControl } from '#contract/streams.ts';
import { Credit } from '../credit.ts';
import { ReplayRing } from './replayRing.ts';
import { TerminalModes } from './terminalModes.ts';
import type { TerminalProcess, TerminalSize } from './terminalProcess.ts';

/** A reopened pane is sent this much at most: about 2 000 lines, more than anyone scrolls back. */
const REPLAY_LIMIT_BYTES = 256 * 1024;
/** A viewer that is so far behind makes the program wait: more would push what it has not seen out of the replay. */
const MAX_BEHIND_BYTES = REPLAY_LIMIT_BYTES / 2;
/** One message to a viewer. */
const MESSAGE_BYTES = 32 * 1024;
/** The engine takes a paste in pieces, so that keys typed later do not wait in one long write. */
const INPUT_PIECE_BYTES = 16 * 1024;
/** Input that the program has not read; a paste may be large, but not without end. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

export type SessionState =
  | { readonly type: 'running' }
  | { readonly type: 'exited'; readonly exitCode: number };

/** A running program with a terminal. It lives here: viewers come and go, and each sees what it missed, as far as kept. */
export class TerminalHost {
  readonly #process: TerminalProcess;
  readonly #ring = new ReplayRing(REPLAY_LIMIT_BYTES);
  readonly #modes = new TerminalModes();
  readonly #viewers = new Set<Viewer>();
  readonly #onExit: (exitCode: number) => void;
  readonly done: Promise<void>;
  #state: SessionState = { type: 'running' };
  #size: TerminalSize;
  #nextSize: (TerminalSize & { readonly redraw: boolean }) | undefined;
  #isSizing = false;
  #inputBytes = 0;
  #input: Promise<void> = Promise.resolve();
  #room: (() => void) | undefined;
  /** From here on nobody is waited for: a viewer that has frozen must not keep the session. */
  #isEnding = false;

  constructor(
    process: TerminalProcess,
    options: { readonly size: TerminalSize; readonly onExit: (exitCode: number) => void },
  ) {
    this.#process = process;
    this.#size = options.size;
    this.#onExit = options.onExit;
    this.done = this.#pump();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** As the shell last reported it. */
  get workingDir(): string | undefined {
    return this.#modes.workingDir;
  }

  /** Serves a viewer until it goes. */
  async serve(channel: ByteChannel, size: TerminalSize): Promise<void> {
    const disposables = new Disposables();
    const viewer = new Viewer(channel, this.#ring, () => this.#makeRoom());
    this.#viewers.add(viewer);
    const closed = new Promise<void>((resolve) => disposables.add(channel.onClose(resolve)));
    disposables.add(channel.onData((bytes) => this.#write(bytes)));
    disposables.add(channel.onControl((message) => this.#onControl(viewer, message)));
    viewer.begin(this.#modes);
    if (this.#state.type === 'exited') viewer.exited(this.#state.exitCode);
    this.#resize(size);
    await closed;
    this.#viewers.delete(viewer);
    this.#makeRoom();
    await disposables.dispose();
  }

  /** Ends the program and lets every viewer go. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#makeRoom();
    await this.#process.end();
    await this.done;
    for (const viewer of this.#viewers) viewer.end();
  }

  async #pump(): Promise<void> {
    try {
      for await (const chunk of this.#process.output) await this.#onOutput(chunk);
    } catch (thrown) {
      // The connection broke; the program may live on, but nobody can reach it any more.
      for (const viewer of this.#viewers) viewer.note(toAppError(thrown).message);
    }
    const exitCode = await this.#process.exitCode().catch(() => UNKNOWN_EXIT);
    this.#state = { type: 'exited', exitCode };
    for (const viewer of this.#viewers) viewer.exited(exitCode);
    this.#onExit(exitCode);
  }

  async #onOutput(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; at += MESSAGE_BYTES) {
      const piece = chunk.subarray(at, at + MESSAGE_BYTES);
      this.#ring.push(piece);
      this.#modes.observe(piece);
      for (const viewer of this.#viewers) viewer.sendMore();
      while (this.#mustWait())
        await new Promise<void>((resolve) => {
          this.#room = resolve;
        });
    }
  }

  #mustWait(): boolean {
    return !this.#isEnding && [...this.#viewers].some((viewer) => viewer.holdsBack(MAX_BEHIND_BYTES));
  }

  #makeRoom(): void {
    this.#room?.();
    this.#room = undefined;
  }

  #onControl(viewer: Viewer, message: unknown): void {
    const parsed = upControl.safeParse(message);
    if (!parsed.success) return;
    const control = parsed.data;
    if (control.type === 'resize') this.#resize(control);
    else viewer.onControl(control);
  }

  #write(bytes: Uint8Array): void {
    if (this.#state.type === 'exited' || this.#inputBytes + bytes.length > MAX_INPUT_BYTES) return;
    this.#inputBytes += bytes.length;
    this.#input = this.#input.then(() => this.#writePieces(bytes));
  }

  async #writePieces(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += INPUT_PIECE_BYTES) {
      const piece = bytes.subarray(at, at + INPUT_PIECE_BYTES);
      try {
        if (this.#state.type === 'running') await this.#process.write(piece);
      } catch {
        // The program is over: its output says so, and its exit code follows.
      }
      this.#inputBytes -= piece.length;
    }
  }

  #resize({ columns, rows }: TerminalSize): void {
    const isSame = columns === this.#size.columns && rows === this.#size.rows;
    if (this.#state.type === 'exited' || (isSame && !this.#modes.isAlternateScreen)) return;
    this.#size = { columns, rows };
    this.#nextSize = { columns, rows, redraw: isSame };
    if (!this.#isSizing) void this.#sendSizes();
  }

  /** One at a time, and only the newest waits: two calls at once may reach the engine in either order. */
  async #sendSizes(): Promise<void> {
    this.#isSizing = true;
    for (let next = this.#nextSize; next !== undefined; next = this.#nextSize) {
      this.#nextSize = undefined;
      const { columns, rows, redraw } = next;
      try {
        // A full-screen program draws anew only when the size changes: a viewer that comes back gets a whole screen that way.
        if (redraw && rows > 1) await this.#process.resize({ columns, rows: rows - 1 });
        await this.#process.resize({ columns, rows });
      } catch {
        // Gone in between: as with input.
      }
    }
    this.#isSizing = false;
  }
}

/** The connection to the program broke, so that its exit code is not known. */
const UNKNOWN_EXIT = -1;

type ViewerControl =
  | { readonly type: 'ack'; readonly bytes: number }
  | { readonly type: 'pause' | 'resume' | 'end' };

/** One that looks on: how much it has been sent, and how much it may be sent. */
class Viewer {
  readonly #channel: ByteChannel;
  readonly #ring: ReplayRing;
  readonly #credit = new Credit();
  readonly #onRoom: () => void;
  #position = 0;
  #paused = false;
  #exitCode: number | undefined;

  constructor(channel: ByteChannel, ring: ReplayRing, onRoom: () => void) {
    this.#channel = channel;
    this.#ring = ring;
    this.#onRoom = onRoom;
  }

  begin(modes: TerminalModes): void {
    this.#control({ type: 'opened' });
    if (this.#ring.start > 0) {
      this.#position = this.#ring.lineStart(this.#ring.start);
      this.#control({ type: 'skipped', bytes: this.#position });
      const restore = modes.restore();
      if (restore.length > 0) this.#send(restore);
    }
    this.sendMore();
    this.#control({ type: 'live' });
  }

  sendMore(): void {
    if (this.#paused) return;
    if (this.#position < this.#ring.start) {
      this.#control({ type: 'skipped', bytes: this.#ring.start - this.#position });
      this.#position = this.#ring.start;
    }
    while (this.#position < this.#ring.end && this.#credit.isOpen) {
      const bytes = this.#ring.read(this.#position, MESSAGE_BYTES);
      this.#position += bytes.length;
      this.#send(bytes);
    }
    if (this.#exitCode === undefined || this.#position < this.#ring.end) return;
    this.#control({ type: 'exited', exitCode: this.#exitCode });
    this.#exitCode = undefined;
  }

  /** Is it so far behind that the program must wait? One that asked for a pause is not waited for. */
  holdsBack(bytes: number): boolean {
    return !this.#paused && this.#ring.end - this.#position > bytes;
  }

  onControl(control: ViewerControl): void {
    if (control.type === 'ack') this.#credit.acknowledge(control.bytes);
    else if (control.type === 'end') this.#channel.close();
    else this.#paused = control.type === 'pause';
    this.sendMore();
    this.#onRoom();
  }

  note(text: string): void {
    this.#control({ type: 'note', text });
  }

  /** Told behind all output. */
  exited(exitCode: number): void {
    this.#exitCode = exitCode;
    this.sendMore();
  }

  end(): void {
    this.#control({ type: 'end' });
    this.#channel.close();
  }

  #send(bytes: Uint8Array): void {
    this.#credit.sent(bytes.length);
    this.#channel.send(bytes);
  }

  #control(message: DownControl): void {
    this.#channel.control(message);
  }
}
