/** `Nov 2026` of `2026-11-12`. */
export function monthOf(date: string): string {
  return new Date(date).toLocaleDateString('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });
}
