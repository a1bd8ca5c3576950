import { readVersion } from '#app/version.ts';
import type { Action } from '../program.ts';

/** `slipway version` */
export const version: Action<object> = async ({ output }) => {
  const text = readVersion();
  output.document({ version: text });
  output.line(text);
  return 0;
};
