import { parseFields } from '#base/logFields.ts';

/** As `fieldTest` of the contract. */
export interface FieldTest {
  readonly name: string;
  readonly is: 'equal' | 'other' | 'containing' | 'has';
  readonly value: string;
}

/** A longer line is not read as fields: it is a dump, not a log line. */
const MAX_LINE_BYTES = 64 * 1024;

/** Do the fields of a line pass all tests? A line without fields, or without one that is asked for, does not. */
export function createFieldMatcher(tests: readonly FieldTest[]): (line: Buffer) => boolean {
  // The last part of `http.status` stands in the line as it is, in JSON as in logfmt: asked first, since it is fast.
  const names = tests.map(({ name }) => Buffer.from(name.slice(name.lastIndexOf('.') + 1)));
  return (line) => {
    if (line.length > MAX_LINE_BYTES || !names.every((name) => line.includes(name))) return false;
    const fields = new Map(parseFields(line.toString('utf8'))?.fields);
    return tests.every((test) => passes(test, fields.get(test.name)));
  };
}

function passes({ is, value }: FieldTest, found: string | undefined): boolean {
  if (found === undefined) return false;
  switch (is) {
    case 'equal':
      return found === value;
    case 'other':
      return found !== value;
    case 'containing':
      return found.toLowerCase().includes(value.toLowerCase());
    case 'has':
      return true;
  }
}
