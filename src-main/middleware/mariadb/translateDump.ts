import type { Version } from '../version.ts';

/** Since 11.4 a table that names no collation gets a UCA-1400 one; before, the general one of its character set. */
const UCA1400_DEFAULT: readonly [number, number] = [11, 4];
/** UCA-1400 collations came with 10.10. */
const UCA1400_KNOWN: readonly [number, number] = [10, 10];

/** So that a table without a collation means on the new server what it meant on the old one. */
const OLD_DEFAULTS =
  `SET @@session.character_set_collations='utf8mb3=utf8mb3_general_ci,ucs2=ucs2_general_ci,utf8mb4=utf8mb4_general_ci,` +
  `utf16=utf16_general_ci,utf32=utf32_general_ci';\n`;

/**
 * Makes a dump mean the same on another version. Looks at whole lines that are not data: statements that insert rows pass
 * byte for byte.
 */
export async function* translateDump(
  source: AsyncIterable<Uint8Array>,
  versions: { readonly from: Version; readonly to: Version },
): AsyncIterable<Uint8Array> {
  if (atLeast(versions.to, UCA1400_DEFAULT) && !atLeast(versions.from, UCA1400_DEFAULT))
    yield Buffer.from(OLD_DEFAULTS);
  const translate = !atLeast(versions.to, UCA1400_KNOWN) && atLeast(versions.from, UCA1400_KNOWN);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    const end = rest.lastIndexOf(0x0a);
    if (end < 0) continue;
    yield translateLines(rest.subarray(0, end + 1), translate);
    rest = rest.subarray(end + 1);
  }
  if (rest.length > 0) yield translateLines(rest, translate);
}

const INSERT = Buffer.from('INSERT ');
/** `/*M!999999\- enable the sandbox mode …`, in one of two spellings: a command that older clients refuse. */
const SANDBOX = Buffer.from('!999999\\- enable the sandbox mode');
const COLLATION = Buffer.from('uca1400');

function translateLines(bytes: Buffer, translate: boolean): Buffer {
  const touches = bytes.includes(SANDBOX) || (translate && bytes.includes(COLLATION));
  if (!touches) return bytes;
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.length : newline + 1;
    const line = bytes.subarray(at, end);
    if (!isSandbox(line)) out.push(translate ? translateLine(line) : line);
    at = end;
  }
  return Buffer.concat(out);
}

function isSandbox(line: Buffer): boolean {
  return line.length < 80 && line[0] === 0x2f && line.includes(SANDBOX);
}

function translateLine(line: Buffer): Buffer {
  if (line.subarray(0, INSERT.length).equals(INSERT) || !line.includes(COLLATION)) return line;
  const text = line
    .toString('latin1')
    .replace(
      /\b(?:(utf8mb[34]|ucs2|utf16|utf32)_)?uca1400_\w+/g,
      (_, charset) => `${charset ?? 'utf8mb4'}_unicode_ci`,
    );
  return Buffer.from(text, 'latin1');
}

function atLeast(version: Version, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.numbers;
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
