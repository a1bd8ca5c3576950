import { parseImageReference } from '#base/imageReference.ts';
import { container, type ProductionContainer } from './manifest.ts';
import { at, entriesAt, isRecord, textAt } from './read.ts';

/** `{api: acme/api:1, web: {image: acme/web:2}}`, or the same below `images`. */
export function isPlainMap(document: unknown): boolean {
  const entries = entriesOf(document);
  return entries.length > 0 && entries.every(([, value]) => isRecord(value) || typeof value === 'string');
}

export function readPlainMap(
  documents: readonly unknown[],
  problems: string[],
): readonly ProductionContainer[] {
  return documents.flatMap((document) =>
    entriesOf(document).flatMap(([name, value]) => {
      const image = textAt(value, 'image') ?? textAt({ value }, 'value');
      const reference = image === undefined ? undefined : parseImageReference(image);
      if (image !== undefined && reference !== undefined)
        return [container({ name, image, digest: reference.digest, envIncomplete: true })];
      problems.push(`${name} has no name of an image.`);
      return [];
    }),
  );
}

function entriesOf(document: unknown): readonly (readonly [string, unknown])[] {
  return isRecord(at(document, 'images')) ? entriesAt(document, 'images') : entriesAt(document);
}
