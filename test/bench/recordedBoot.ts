import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';

const SCRIPT = path.join(import.meta.dirname, 'recordedSockets.browser.js');

/** All that a window was told while a stack booted, and when. */
export interface RecordedBoot {
  readonly sockets: readonly (readonly RecordedMessage[])[];
  /** When the boot began, in milliseconds of the page's own clock. */
  readonly bootAt: number;
}

interface RecordedMessage {
  readonly at: number;
  /** So many messages the page had sent before. */
  readonly sent: number;
  readonly text?: string | undefined;
  /** In base64. */
  readonly bytes?: string | undefined;
}

/** For a page that is to be recorded, or to be played to: it has to run before the page's own scripts. */
export async function socketScript(recording?: RecordedBoot): Promise<string> {
  const script = await readFile(SCRIPT, 'utf8');
  return `globalThis.RECORDING = ${JSON.stringify(recording)};\n${script}`;
}

/** What a page with `socketScript` was told until now. */
export async function recordedBoot(page: Page, bootAt: number): Promise<RecordedBoot> {
  return { bootAt, sockets: (await page.evaluate(TAKE)) as RecordedBoot['sockets'] };
}

/** In the page: bytes as base64, since only JSON comes out of it. */
const TAKE = `(() => {
  const base64 = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(''));
  return recordedSockets.map((messages) =>
    messages.map(({ at, sent, data }) =>
      typeof data === 'string' ? { at, sent, text: data } : { at, sent, bytes: base64(data) }));
})()`;
