import { isSecretName } from '#base/secretNames.ts';

/** What stands for a value that is not shown. */
export const MASK = '••••••';

/** `scheme://user:password@host`. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+(?=@)/gi;

/** A copy of plain data in which the values of secret-looking variables, and passwords in addresses, are not shown. */
export function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, maskEntry(key, entry)]));
}

function maskEntry(key: string, entry: unknown): unknown {
  const isText = typeof entry === 'string' && entry !== '';
  return isText && isSecretName(key) ? MASK : masked(entry);
}

/** `NAME=value` as the engine lists a container's environment, or any other text. */
function maskText(text: string): string {
  const [, name] = /^([A-Za-z_][A-Za-z0-9_]*)=./s.exec(text) ?? [];
  if (name !== undefined && isSecretName(name)) return `${name}=${MASK}`;
  return text.replace(URL_PASSWORD, `$1${MASK}`);
}
