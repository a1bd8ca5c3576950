import { implement } from '@orpc/server';
import type { ByteChannel } from '#base/byteChannel.ts';
import type { MessagePipe } from '#base/messagePipe.ts';
import { AppFailure } from '#contract/errors.ts';
import type { StateFrame } from '#contract/frames.ts';
import { contract } from '#contract/requests.ts';
import type { StreamRequest } from '#contract/streams.ts';
import { createDoor } from '#serve/door.ts';
import type { ServedCore } from '#serve/servedCore.ts';

/** A core for the tests of what carries it: answers few requests, lets the test push frames, echoes streams. */
export interface EchoCore {
  readonly core: ServedCore;
  /** Lets a reader in over this pipe, as every host does. */
  accept(pipe: MessagePipe): void;
  /** Pushes to every reader of the state; resolves when the readers there are have taken it. */
  push(frame: StateFrame): void;
  /** Breaks every reader's feed, as a bug in the core would. */
  breakFeeds(): void;
  /** `since` of every `state.watch`, in order. */
  readonly watches: unknown[];
  readonly streams: { readonly request: StreamRequest; readonly channel: ByteChannel }[];
  /** How many frames have been handed to the transport. */
  readonly sent: () => number;
  /** How many readers listen to the state. */
  readonly readers: () => number;
}

/** The frames that one reader has not pulled yet. */
class Reader {
  readonly #frames: (StateFrame | Error)[] = [];
  #wake: () => void = () => {};

  push(frame: StateFrame | Error): void {
    this.#frames.push(frame);
    this.#wake();
  }

  async next(signal: AbortSignal | undefined): Promise<StateFrame | undefined> {
    while (this.#frames.length === 0 && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const frame = signal?.aborted ? undefined : this.#frames.shift();
    if (frame instanceof Error) throw frame;
    return frame;
  }
}

export function createEchoCore(options: { readonly first?: StateFrame } = {}): EchoCore {
  const readers = new Set<Reader>();
  const watches: unknown[] = [];
  const streams: EchoCore['streams'] = [];
  let sent = 0;
  const os = implement(contract);
  const router = {
    state: {
      watch: os.state.watch.handler(async function* ({ input, signal }) {
        watches.push(input.since);
        const reader = new Reader();
        readers.add(reader);
        if (options.first) reader.push(options.first);
        try {
          for (let frame = await reader.next(signal); frame; frame = await reader.next(signal)) {
            sent += 1;
            yield frame;
          }
        } finally {
          readers.delete(reader);
        }
      }),
    },
    project: {
      config: os.project.config.handler(async ({ input }) => ({ text: `config of ${input.workspace}` })),
      reload: os.project.reload.handler(async ({ input, errors }) => {
        const error = { kind: 'notFound', what: 'workspace', message: `No ${input.workspace}.` } as const;
        throw errors.APP({ data: error });
      }),
      close: os.project.close.handler(async () => {
        throw new Error('a bug');
      }),
    },
  };
  const core: ServedCore = {
    // Only what the tests ask for is implemented; anything else is answered as not found.
    router: router as unknown as ServedCore['router'],
    openStream(request, channel) {
      streams.push({ request, channel });
      echo(request, channel);
    },
  };
  const door = createDoor(core);
  return {
    core,
    accept: (pipe) => door.accept(pipe),
    push: (frame) => readers.forEach((reader) => void reader.push(frame)),
    breakFeeds: () => readers.forEach((reader) => void reader.push(new Error('a bug'))),
    watches,
    streams,
    sent: () => sent,
    readers: () => readers.size,
  };
}

function echo(request: StreamRequest, channel: ByteChannel): void {
  if (request.type === 'download') {
    const { error } = new AppFailure({ kind: 'notFound', what: 'ticket', message: 'No such ticket.' });
    channel.control({ type: 'end', error });
    channel.close();
    return;
  }
  channel.control({ type: 'opened' });
  channel.onData((bytes) => channel.send(bytes));
  channel.onControl((message) => channel.control({ type: 'note', text: JSON.stringify(message) }));
}
