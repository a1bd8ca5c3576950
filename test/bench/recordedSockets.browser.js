// Runs in the page before its own scripts. Without a recording: notes what every WebSocket brings, when, and after how many
// messages of the page. With one: plays it to the page instead of a server, so that the window works as it did while a stack
// booted, and nothing else does. What came before the boot is handed over as soon as the page has asked for it; what came
// after it at the same pace, from `beginReplay` on.
((recording) => {
  const RealSocket = WebSocket;
  if (recording === undefined) {
    globalThis.recordedSockets = [];
    globalThis.WebSocket = class extends RealSocket {
      #sent = 0;
      constructor(url) {
        super(url);
        const messages = [];
        recordedSockets.push(messages);
        this.addEventListener('message', ({ data }) => {
          messages.push({ at: performance.now(), sent: this.#sent, data });
        });
      }
      send(data) {
        this.#sent += 1;
        super.send(data);
      }
    };
    return;
  }

  /** A page that asks for less than the one before is not left waiting. */
  const ANYWAY_MS = 500;
  let begin;
  const begun = new Promise((resolve) => {
    begin = resolve;
  });
  const played = [];
  /** Resolves when everything has been played. */
  globalThis.beginReplay = () => {
    begin();
    return Promise.all(played);
  };

  globalThis.WebSocket = class extends EventTarget {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSED = 3;
    readyState = 0;
    #sent = 0;
    #onSent = () => {};
    constructor() {
      super();
      played.push(this.#play(recording.sockets.shift() ?? []));
    }
    send() {
      this.#sent += 1;
      this.#onSent();
    }
    close() {
      this.readyState = 3;
      this.dispatchEvent(new Event('close'));
    }
    async #play(messages) {
      await new Promise((resolve) => setTimeout(resolve));
      this.readyState = 1;
      this.dispatchEvent(new Event('open'));
      const later = messages.findIndex(({ at }) => at >= recording.bootAt);
      const before = later < 0 ? messages : messages.slice(0, later);
      for (const message of before) {
        while (this.#sent < message.sent && (await this.#sentOrLate()));
        this.#deliver(message);
      }
      await begun;
      const start = performance.now();
      for (const message of messages.slice(before.length)) {
        const wait = start + message.at - recording.bootAt - performance.now();
        if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
        this.#deliver(message);
      }
    }
    #sentOrLate() {
      return new Promise((resolve) => {
        const late = setTimeout(() => resolve(false), ANYWAY_MS);
        this.#onSent = () => {
          clearTimeout(late);
          resolve(true);
        };
      });
    }
    #deliver({ text, bytes }) {
      const data = text ?? Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0)).buffer;
      this.dispatchEvent(new MessageEvent('message', { data }));
    }
  };
})(globalThis.RECORDING);
