import './key.css';
import { keyText } from './keys.ts';

/** A key to press, in the words of this machine's keyboard. */
export function Key({ of }: { readonly of: string }) {
  return <kbd className="key">{keyText(of)}</kbd>;
}
