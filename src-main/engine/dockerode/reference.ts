/**
 * What the engine wants in two parameters. A digest goes where the tag goes; without either `latest` is meant, or the engine
 * would pull every tag there is.
 */
export function splitTag(reference: string): { readonly name: string; readonly tag: string } {
  const at = reference.indexOf('@');
  if (at >= 0) return { name: withoutTag(reference.slice(0, at)), tag: reference.slice(at + 1) };
  const name = withoutTag(reference);
  return { name, tag: reference.slice(name.length + 1) || 'latest' };
}

/** The colon of a tag stands after the last slash; one before it belongs to a port. */
function withoutTag(reference: string): string {
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1);
  return colon < 0 ? reference : reference.slice(0, colon);
}
