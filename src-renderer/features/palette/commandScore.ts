/**
 * How well a command fits what was typed, between 0 (not at all) and 1. Every word typed has to be found: at the beginning
 * of its name, at the beginning of a word, within a word, or (last) as letters in order.
 */
export function commandScore(title: string, more: string, typed: string): number {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return 1;
  const scores = words.map((word) => wordScore(title.toLowerCase(), more.toLowerCase(), word));
  return Math.min(...scores) === 0 ? 0 : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function wordScore(title: string, more: string, word: string): number {
  if (title.startsWith(word)) return 1;
  if (startsAWord(title, word)) return 0.8;
  if (startsAWord(more, word)) return 0.6;
  if (title.includes(word) || more.includes(word)) return 0.4;
  return word.length > 1 && hasInOrder(title, word) ? 0.1 : 0;
}

function startsAWord(text: string, word: string): boolean {
  return text.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word));
}

function hasInOrder(text: string, letters: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
