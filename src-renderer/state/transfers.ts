import { AppFailure } from '#contract/errors.ts';
import type { Download } from '#contract/requests/logs.ts';
import { UPLOAD_AHEAD_BYTES } from '#contract/streams.ts';
import type { WindowModel } from './windowModel.ts';

/** Parts are handed to the browser's own store of blobs in pieces of this size, out of the page's memory. */
const PART_BYTES = 4 * 1024 * 1024;

/** Fetches a prepared download. Rejects with an AppFailure. */
export async function fetchDownload(model: WindowModel, ticket: string): Promise<Blob> {
  const stream = model.connection.openStream({ type: 'download', ticket });
  const blobs: Blob[] = [];
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const settle = () => {
    blobs.push(new Blob(parts));
    parts = [];
    size = 0;
  };
  await new Promise<void>((resolve, reject) => {
    stream.onData((bytes) => {
      parts.push(new Uint8Array(bytes));
      size += bytes.length;
      if (size >= PART_BYTES) settle();
      stream.ack(bytes.length);
    });
    stream.onEnd((error) => (error ? reject(new AppFailure(error)) : resolve()));
  });
  settle();
  // Said to be bytes: of one that looks like text the browser saves `hostname` as `hostname.txt`.
  return new Blob(blobs, { type: 'application/octet-stream' });
}

/** Fetches a prepared download and hands it to the browser as a file. */
export async function saveDownload(model: WindowModel, download: Download): Promise<void> {
  const blob = await fetchDownload(model, download.ticket);
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = download.fileName;
  link.click();
  // The browser takes the blob when it begins to save, which is after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Brings a file up for a prepared upload. Resolves when the core has written all of it. */
export async function sendUpload(model: WindowModel, ticket: string, file: Blob): Promise<void> {
  const stream = model.connection.openStream({ type: 'upload', ticket });
  let ahead = 0;
  let wake: (() => void) | undefined;
  let over = false;
  const ended = new Promise<void>((resolve, reject) => {
    stream.onEnd((error) => {
      over = true;
      wake?.();
      if (error) reject(new AppFailure(error));
      else resolve();
    });
  });
  stream.onControl((message) => {
    if (message.type !== 'taken') return;
    ahead -= message.bytes;
    wake?.();
  });
  const opened = new Promise<void>((resolve) => stream.onOpen(() => resolve()));
  await Promise.race([opened, ended]);
  const reader = file.stream().getReader();
  for (let part = await reader.read(); !part.done && !over; part = await reader.read()) {
    stream.write(part.value);
    ahead += part.value.length;
    while (ahead > UPLOAD_AHEAD_BYTES / 2 && !over)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
  stream.control({ type: 'end' });
  await ended;
}
