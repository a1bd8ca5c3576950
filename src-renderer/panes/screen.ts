import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { type ITerminalOptions, Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { Disposables } from '#base/disposables.ts';
import type { ViewStore } from '#state/viewStore.ts';
import { onThemeChange, terminalTheme } from './terminalTheme.ts';

/** The size of letters in panes, in pixels, where nobody has chosen another. */
export const FONT_PX = 12.5;
const FONT = '"JetBrains Mono Variable", ui-monospace, monospace';
/** With JetBrains Mono's own 1.32 em this makes lines 19 px high. */
const LINE_HEIGHT = 1.15;

interface ScreenOptions {
  readonly kind: 'logs' | 'terminal';
  readonly label: string;
  readonly terminal: ITerminalOptions;
  /** Only http and https come here. */
  readonly onLink: (url: string) => void;
  /** Where the size of letters is chosen. */
  readonly view: ViewStore;
}

/**
 * An xterm with its addons and an element of its own that can be put anywhere and taken away again without losing
 * anything. It draws with WebGL while somebody looks, where the machine has it.
 */
export class Screen {
  readonly element: HTMLElement;
  readonly terminal: Terminal;
  readonly search: SearchAddon;
  readonly #fit = new FitAddon();
  readonly #disposables = new Disposables();
  #webgl: WebglAddon | undefined;
  #opened = false;
  #room = 80;

  constructor(options: ScreenOptions) {
    this.element = document.createElement('div');
    this.element.className = 'screen';
    this.element.dataset['pane'] = options.kind;
    this.terminal = this.#disposables.add(new Terminal({ ...baseOptions(options), ...options.terminal }));
    this.search = this.#disposables.add(new SearchAddon());
    this.terminal.loadAddon(this.#fit);
    this.terminal.loadAddon(this.search);
    this.terminal.loadAddon(this.#disposables.add(new UnicodeGraphemesAddon()));
    this.terminal.loadAddon(this.#disposables.add(new WebLinksAddon((_, url) => options.onLink(url))));
    this.#disposables.add(
      onThemeChange(() => {
        this.terminal.options.theme = terminalTheme();
        this.onTheme();
      }),
    );
    this.#disposables.add({
      dispose: options.view.subscribe(({ paneFontPx = FONT_PX }) => this.#setFont(paneFontPx)),
    });
  }

  /** Puts it on the page. The first time waits for the font: a terminal measures its letters once. */
  async show(parent: HTMLElement): Promise<void> {
    parent.append(this.element);
    parent.addEventListener('scroll', () => this.#keepBarInSight(), { passive: true });
    if (!this.#opened) {
      await document.fonts.load(`${FONT_PX}px ${FONT}`);
      await inATaskOfItsOwn();
      if (!this.element.isConnected) return;
      if (!this.#opened) this.terminal.open(this.element);
      this.#opened = true;
    }
    this.#startWebgl();
    this.fit();
  }

  /** Takes it off the page. A page has few WebGL contexts: those nobody looks at are given back. */
  hide(): void {
    this.#webgl?.dispose();
    this.#webgl = undefined;
    this.element.remove();
  }

  /** Fills its room. With `minColumns` it can become wider than that, and its room scrolls sideways. */
  fit(minColumns = 0): void {
    if (!this.#opened || !this.element.isConnected || this.element.clientHeight === 0) return;
    this.element.style.width = '';
    this.#room = this.#fit.proposeDimensions()?.cols ?? this.terminal.cols;
    const columns = Math.max(this.#room, minColumns);
    if (columns > this.#room) {
      const width = (columns / this.#room) * this.element.clientWidth;
      this.element.style.width = `${Math.ceil(width)}px`;
    }
    // Asked again: a bar to scroll sideways takes a row.
    this.terminal.resize(columns, this.#fit.proposeDimensions()?.rows ?? this.terminal.rows);
    this.#keepBarInSight();
  }

  #setFont(px: number): void {
    if (this.terminal.options.fontSize === px) return;
    this.terminal.options.fontSize = px;
    this.onFont();
  }

  /** The letters have another size: whoever fits the screen fits it again. */
  onFont: () => void = () => this.fit();

  /** Colours are others: whoever has painted with them does it again. */
  onTheme: () => void = () => undefined;

  /** The row of the buffer under a point of the page; undefined where there is none. */
  rowAt(clientY: number): number | undefined {
    const drawn = this.terminal.element?.querySelector('.xterm-screen')?.getBoundingClientRect();
    if (drawn === undefined || clientY < drawn.top || clientY >= drawn.bottom) return undefined;
    const row = Math.floor((clientY - drawn.top) / (drawn.height / this.terminal.rows));
    return this.terminal.buffer.active.viewportY + row;
  }

  /** How many columns fill the width that one sees. */
  get fittingColumns(): number {
    return this.#room;
  }

  /** The bar on the right belongs to the whole width; it stays where one sees it. */
  #keepBarInSight(): void {
    const slot = this.element.parentElement;
    if (!slot) return;
    const hidden = Math.max(
      0,
      this.element.offsetWidth - slot.clientWidth + this.element.offsetLeft - slot.scrollLeft,
    );
    this.element.style.setProperty('--hidden', `${this.#room < this.terminal.cols ? hidden : 0}px`);
  }

  dispose(): void {
    this.hide();
    void this.#disposables.dispose();
  }

  #startWebgl(): void {
    if (this.#webgl || !hasFastWebgl()) return;
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => {
        webgl.dispose();
        this.#webgl = undefined;
      });
      this.terminal.loadAddon(webgl);
      this.#webgl = webgl;
    } catch {
      this.#webgl = undefined; // no context left, or forbidden: xterm draws with the DOM, as it does without the addon
    }
  }
}

function baseOptions(options: ScreenOptions): ITerminalOptions {
  return {
    allowProposedApi: true,
    fontFamily: FONT,
    fontSize: options.view.getState().paneFontPx ?? FONT_PX,
    lineHeight: LINE_HEIGHT,
    fontWeightBold: 600,
    minimumContrastRatio: 4.5,
    drawBoldTextInBrightColors: false,
    cursorBlink: false,
    macOptionIsMeta: true,
    theme: terminalTheme(),
    linkHandler: {
      activate: (_, url) => options.onLink(url),
      allowNonHttpProtocols: false,
    },
  };
}

let fastWebgl: boolean | undefined;

/** WebGL done by the processor is slower than the DOM. Asked once: the answer does not change. */
function hasFastWebgl(): boolean {
  fastWebgl ??= probeWebgl();
  return fastWebgl;
}

function probeWebgl(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  if (!context) return false;
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const name = info ? String(context.getParameter(info.UNMASKED_RENDERER_WEBGL)) : '';
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return !/swiftshader|llvmpipe|software/i.test(name);
}

/** A terminal takes as long to open as a screen to draw: the window stays smooth when they do not do it in one go. */
function inATaskOfItsOwn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
