import { createStore, type StoreApi } from 'zustand/vanilla';
import { Disposables } from '#base/disposables.ts';
import type { ByteStream } from '#client/connection.ts';
import { describeError, describeExit } from '#contract/describe.ts';
import { type AppError, toAppError } from '#contract/errors.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { DownControl } from '#contract/streams.ts';
import { unreachable } from '#contract/unreachable.ts';
import { openLink } from '#state/actions.ts';
import type { ShellStart } from '#state/dockLayout.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { isMac, isPressed } from '#ui/keys.ts';
import type { Pane } from './pane.ts';
import { pauseWhile } from './pauseWhile.ts';
import { Screen } from './screen.ts';

export interface TerminalPaneState {
  readonly status: 'opening' | 'open' | 'ended';
  /** What the core calls it: "bash". */
  readonly title: string;
}

interface TerminalPaneOptions {
  readonly workspace: WorkspaceId;
  readonly service: string;
  readonly kind: 'shell' | 'client' | 'attach';
  readonly start: ShellStart | undefined;
  /** One to come back to. */
  readonly session: string | undefined;
  readonly onSession: (session: string | undefined) => void;
}

const SCROLLBACK = 10_000;
const encoder = new TextEncoder();

/** A shell in a container. The session lives in the core; this shows it and types into it. */
export class TerminalPane implements Pane {
  readonly state: StoreApi<TerminalPaneState> = createStore<TerminalPaneState>(() => ({
    status: 'opening',
    title: '',
  }));
  readonly #model: WindowModel;
  readonly #options: TerminalPaneOptions;
  readonly #screen: Screen;
  readonly #disposables = new Disposables();
  #session: string | undefined;
  #stream: ByteStream | undefined;
  #streaming = new Disposables();
  #disposed = false;
  #hidden = false;
  #starting: Promise<void> | undefined;

  constructor(model: WindowModel, options: TerminalPaneOptions) {
    this.#model = model;
    this.#options = options;
    this.#session = options.session;
    this.#screen = new Screen({
      kind: 'terminal',
      label: `Shell in ${options.service}`,
      // A blinking one has the whole window drawn sixty times a second, also while nothing happens.
      terminal: { cursorStyle: 'block', cursorBlink: false, scrollback: SCROLLBACK },
      onLink: (url) => openLink(model, url),
      view: model.view,
    });
    this.#listen();
  }

  get element(): HTMLElement {
    return this.#screen.element;
  }

  async show(parent: HTMLElement): Promise<void> {
    this.#hidden = false;
    await this.#screen.show(parent);
    if (this.#hidden) return; // left before it was drawn
    if (this.#stream) this.#stream.control({ type: 'resume' });
    else if (this.state.getState().status === 'opening') await this.#start();
  }

  hide(): void {
    this.#hidden = true;
    this.#screen.hide();
    this.#stream?.control({ type: 'pause' });
  }

  fit(): void {
    this.#screen.fit();
  }

  focus(): void {
    this.#screen.terminal.focus();
  }

  dispose(how: 'close' | 'leave'): void {
    this.#disposed = true;
    this.#leave();
    if (how === 'close' && this.#session !== undefined) {
      // What ended by itself is not there any more: nothing is left to close, and nothing to say about it.
      void this.#model.client.terminal.close({ session: this.#session }).catch(() => undefined);
    }
    void this.#disposables.dispose();
    this.#screen.dispose();
  }

  #listen(): void {
    const { terminal } = this.#screen;
    this.#disposables.add(terminal.onData((keys) => this.#type(encoder.encode(keys))));
    this.#disposables.add(terminal.onBinary((bytes) => this.#type(latin1(bytes))));
    this.#disposables.add(
      terminal.onResize(({ cols, rows }) => this.#stream?.control({ type: 'resize', columns: cols, rows })),
    );
    // Nothing a container prints may write to the clipboard. xterm does not by itself; this keeps it so.
    this.#disposables.add(terminal.parser.registerOscHandler(52, () => true));
    terminal.attachCustomKeyEventHandler((event) => this.#onKey(event));
  }

  #onKey(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') return true;
    if (this.state.getState().status === 'ended' && event.key === 'Enter') {
      event.preventDefault();
      void this.#startAgain();
      return false;
    }
    const copies = isMac ? isPressed(event, 'mod+c') : isPressed(event, 'mod+shift+c');
    if (copies && this.#screen.terminal.hasSelection()) {
      event.preventDefault();
      void navigator.clipboard.writeText(this.#screen.terminal.getSelection());
      return false;
    }
    return true;
  }

  #type(bytes: Uint8Array): void {
    if (this.state.getState().status === 'open') this.#stream?.write(bytes);
  }

  /** A new one where the old one was: in its directory, though the container is another. */
  async #startAgain(): Promise<void> {
    const before = this.#session;
    this.#leave();
    this.#session = undefined;
    this.#options.onSession(undefined);
    this.state.setState({ status: 'opening' });
    const workingDir = before === undefined ? undefined : await this.#leftIn(before);
    // One that ended stays readable in the core until it is closed; nobody reads it any more.
    if (before !== undefined)
      void this.#model.client.terminal.close({ session: before }).catch(() => undefined); // gone by itself
    this.#screen.terminal.write('\r\n');
    await this.#start(workingDir);
  }

  /** Where a session's shell was last, as far as it said so. */
  async #leftIn(session: string): Promise<string | undefined> {
    const { workspace, kind } = this.#options;
    if (kind !== 'shell') return undefined;
    // Without an answer the new shell begins where shells begin.
    const sessions = await this.#model.client.terminal.list({ workspace }).catch(() => []);
    return sessions.find(({ id }) => id === session)?.workingDir;
  }

  #open(workingDir: string | undefined) {
    const { workspace, service, kind, start = {} } = this.#options;
    const { cols: columns, rows } = this.#screen.terminal;
    const dir = workingDir ?? start.workingDir;
    return this.#model.client.terminal.open({
      ...{ workspace, service, kind, columns, rows },
      ...(start.shell === undefined ? {} : { command: [start.shell] }),
      ...(start.user === undefined ? {} : { user: start.user }),
      ...(dir === undefined ? {} : { workingDir: dir }),
    });
  }

  /** Asked for again before its session is there, it opens one all the same. */
  #start(workingDir?: string): Promise<void> {
    this.#starting ??= this.#begin(workingDir).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #begin(workingDir?: string): Promise<void> {
    if (this.#session !== undefined) return this.#attach(this.#session);
    try {
      const opened = await this.#open(workingDir).catch((thrown: unknown) => {
        if (workingDir === undefined) throw thrown;
        return this.#open(undefined); // the new container has no such directory
      });
      if (this.#disposed) {
        await this.#model.client.terminal.close({ session: opened.id });
        return;
      }
      this.#session = opened.id;
      this.state.setState({ title: opened.title });
      this.#options.onSession(opened.id);
      this.#attach(opened.id);
    } catch (thrown) {
      this.#sayEnd(describeError(toAppError(thrown)), 'tries again');
    }
  }

  #attach(session: string): void {
    const { terminal } = this.#screen;
    const stream = this.#model.connection.openStream(() => ({
      type: 'terminal',
      session,
      columns: terminal.cols,
      rows: terminal.rows,
    }));
    this.#stream = stream;
    this.#streaming = new Disposables();
    this.state.setState({ status: 'open' });
    this.#streaming.add(
      stream.onOpen((opening) => {
        // The replay begins at the beginning: what is on screen would be there twice.
        if (opening === 'again') terminal.reset();
      }),
    );
    this.#streaming.add(pauseWhile(stream, () => this.#hidden));
    this.#streaming.add(stream.onData((bytes) => terminal.write(bytes, () => stream.ack(bytes.byteLength))));
    this.#streaming.add(stream.onControl((message) => this.#onControl(message)));
    this.#streaming.add(stream.onEnd((error) => this.#onEnd(error)));
  }

  #onControl(message: DownControl): void {
    switch (message.type) {
      case 'exited':
        this.#sayEnd(...this.#ending(message.exitCode));
        return;
      case 'skipped':
        this.#say('what came before is not kept any more');
        return;
      case 'note':
        this.#say(message.text);
        return;
      case 'opened':
      case 'live':
      case 'taken':
      case 'end':
        return;
      default:
        unreachable(message);
    }
  }

  #onEnd(error: AppError | undefined): void {
    const known = this.state.getState().status === 'ended';
    this.#leave();
    if (error?.kind === 'notFound' && this.#options.session === this.#session) void this.#startAgain();
    else if (!known) this.#sayEnd(error ? describeError(error) : 'ended', 'opens a new one');
  }

  #leave(): void {
    this.#stream?.close();
    this.#stream = undefined;
    void this.#streaming.dispose();
  }

  /** What ended, and what Enter does about it. */
  #ending(exitCode: number): [what: string, enter: string] {
    if (this.#options.kind === 'shell')
      return [describeExit(exitCode, false), 'opens a new one in the same place'];
    const name = this.state.getState().title;
    const how = exitCode === 0 ? 'ended' : describeExit(exitCode, false);
    return [`${name} ${how}`.trim(), this.#options.kind === 'client' ? 'opens it again' : 'attaches again'];
  }

  #sayEnd(what: string, enter: string): void {
    this.state.setState({ status: 'ended' });
    this.#say(`${what} · Enter ${enter}`);
  }

  #say(text: string): void {
    this.#screen.terminal.write(`\r\n\x1b[0m\x1b[90m${text.replaceAll('\n', '\r\n')}\x1b[0m\r\n`);
  }
}

/** Mouse reports are bytes, not text. */
function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
}
