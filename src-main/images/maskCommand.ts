const MASK = '••••••';
const SECRET = /(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|private[-_]?key|credentials?|auth)$/i;
/** `scheme://user:password@host`. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+(?=@)/gi;
/** Anything that long without a blank is rarely meant to be read. */
const WORD_LIMIT = 120;

/** A command line for a person to read, values of options that look like secrets taken out. */
export function maskCommand(words: readonly string[]): string {
  return words.map((word, index) => quote(mask(word, words[index - 1]))).join(' ');
}

function mask(word: string, before: string | undefined): string {
  const [, option] = /^(-{0,2}[A-Za-z][\w-]*)=/.exec(word) ?? [];
  if (option !== undefined && SECRET.test(option)) return `${option}=${MASK}`;
  if (before !== undefined && /^--?[A-Za-z]/.test(before) && SECRET.test(before) && !word.startsWith('-'))
    return MASK;
  // A script in one word may hold assignments.
  return word
    .replace(
      /\b(\w*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY)\w*)=(?:"[^"]*"|'[^']*'|[^\s;&|]+)/gi,
      `$1=${MASK}`,
    )
    .replace(URL_PASSWORD, `$1${MASK}`);
}

function quote(word: string): string {
  const short = word.length > WORD_LIMIT ? `${word.slice(0, WORD_LIMIT)}…` : word;
  return /^[\w@%+=:,./•…-]+$/.test(short) ? short : `'${short.replaceAll("'", "'\\''")}'`;
}
