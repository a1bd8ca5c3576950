import { isSecretName } from '#base/secretNames.ts';

/** A variable that the pack asks for. Never its value. */
export interface PackVariable {
  readonly name: string;
  /** `api DATABASE_URL`: who is given it, and as what. */
  readonly uses: readonly { readonly service: string; readonly name: string }[];
}

export interface PackDocumentRequest {
  /** As `configDocument` gives it: every value resolved. */
  readonly document: Readonly<Record<string, unknown>>;
  /** What the stack is called where it is opened: a name of its own, so that it never meets the colleague's stack. */
  readonly name: string;
  /** By service: what it runs, by digest or under a name that the pack's own images have. */
  readonly images: Readonly<Record<string, { readonly image: string; readonly from: 'registry' | 'pack' }>>;
  /** Variables of `.env` files and the like, by name: hidden, and asked for, where their values stand in the document. */
  readonly interpolated: Readonly<Record<string, string>>;
  /** Where a file or folder of this machine lies in the pack; null where it is left out, undefined where it is not the project's. */
  readonly placeOf: (source: string) => string | null | undefined;
}

export interface PackDocument {
  readonly document: Readonly<Record<string, unknown>>;
  readonly variables: readonly PackVariable[];
  /** What a colleague has to know: mounts that are not in it. */
  readonly notes: readonly string[];
  /** By variable, for masking what else goes into the pack. Not to be written anywhere. */
  readonly values: ReadonlyMap<string, string>;
}

type Plain = Readonly<Record<string, unknown>>;

/** Attributes that only make sense where the sources are. */
const LEFT_OUT = new Set(['build', 'develop', 'env_file', 'label_file', 'pull_policy']);

/**
 * The resolved project as a compose file for another machine: images pinned, every value of a variable replaced by the
 * variable's name, also where it stands inside a command or a label. Dollar signs are doubled: the text can be read back.
 */
export function packDocument(request: PackDocumentRequest): PackDocument {
  const services = recordOf(request.document['services']);
  const { variables, values, nameOf } = chooseVariables(services);
  for (const [name, value] of Object.entries(request.interpolated))
    if (!values.has(name) && /^[A-Za-z_]\w*$/.test(name)) values.set(name, value);
  const notes: string[] = [];
  const used = new Set<string>();
  const context: Context = { request, notes, nameOf, hide: hider(values, used) };
  const own = request.document['name'];
  const document = {
    name: request.name,
    services: mapRecord(services, (service, name) => serviceOf(name, recordOf(service), context)),
    ...section(request.document, 'networks', (entry, key) => unnamed(entry, own, key)),
    ...section(request.document, 'volumes', (entry, key) => unnamed(entry, own, key)),
    ...section(request.document, 'secrets', (entry, key) => secretOf(entry, key)),
    ...section(request.document, 'configs', (entry, key) => configOf(entry, key, context)),
  };
  const asked = [...variables, ...secretVariables(request.document)];
  const more = [...used].filter((name) => !asked.some((variable) => variable.name === name));
  return {
    document,
    variables: [...asked, ...more.map((name) => ({ name, uses: [] }))].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    ),
    notes,
    values,
  };
}

interface Context {
  readonly request: PackDocumentRequest;
  readonly notes: string[];
  readonly nameOf: (service: string, name: string) => string;
  readonly hide: (text: string) => string;
}

function serviceOf(name: string, service: Plain, context: Context): Plain {
  const kept = Object.entries(service).filter(([key]) => !LEFT_OUT.has(key) && !key.startsWith('x-'));
  const chosen = context.request.images[name];
  const image = chosen?.image ?? String(service['image'] ?? '');
  return {
    ...Object.fromEntries(kept.map(([key, value]) => [key, attribute(name, key, value, context)])),
    image: escaped(image),
    ...(chosen?.from === 'pack' ? { pull_policy: 'never' } : {}),
  };
}

function attribute(service: string, key: string, value: unknown, context: Context): unknown {
  if (key === 'environment')
    return mapRecord(recordOf(value), (entry, name) =>
      entry === null
        ? null
        : `\${${context.nameOf(service, name)}:?a value for ${name} of ${service} is wanted}`,
    );
  if (key === 'volumes' && Array.isArray(value))
    return value.flatMap((mount) => mountOf(service, mount, context));
  return hidden(value, context.hide);
}

function mountOf(service: string, mount: unknown, context: Context): unknown {
  const plain = recordOf(mount);
  if (plain['type'] !== 'bind') return hidden(mount, context.hide);
  const source = String(plain['source'] ?? '');
  const place = context.request.placeOf(source);
  if (place === null) {
    context.notes.push(
      `${service} runs without what it mounts at ${String(plain['target'])}: it is left out.`,
    );
    return [];
  }
  if (place === undefined) context.notes.push(`${service} mounts ${source}, which is not in this pack.`);
  return { ...(hidden(plain, context.hide) as Plain), source: escaped(place ?? source) };
}

function secretOf(entry: unknown, key: string): unknown {
  return recordOf(entry)['external'] === true ? entry : { environment: secretVariable(key) };
}

function secretVariables(document: Plain): readonly PackVariable[] {
  return Object.entries(recordOf(document['secrets'])).flatMap(([key, entry]) =>
    recordOf(entry)['external'] === true
      ? []
      : [{ name: secretVariable(key), uses: [{ service: `secret ${key}`, name: key }] }],
  );
}

function secretVariable(key: string): string {
  return `SECRET_${key.toUpperCase().replace(/\W/g, '_')}`;
}

function configOf(entry: unknown, key: string, { request, notes, hide }: Context): unknown {
  const plain = recordOf(entry);
  const { name: _, file, ...rest } = plain;
  if (typeof file !== 'string') return hidden(rest, hide);
  const place = request.placeOf(file);
  if (typeof place !== 'string') notes.push(`The config ${key} is ${file}, which is not in this pack.`);
  return { ...rest, file: escaped(place ?? file) };
}

/** A volume or network of the project's own takes its name from the project that it is opened as. */
function unnamed(entry: unknown, project: unknown, key: string): unknown {
  const { name, ...rest } = recordOf(entry);
  return name === undefined || name === `${String(project)}_${key}` ? rest : { ...rest, name };
}

function section(document: Plain, key: string, change: (entry: unknown, name: string) => unknown): Plain {
  const found = recordOf(document[key]);
  return Object.keys(found).length === 0 ? {} : { [key]: mapRecord(found, change) };
}

interface Chosen {
  readonly variables: readonly PackVariable[];
  readonly values: Map<string, string>;
  readonly nameOf: (service: string, name: string) => string;
}

/** One variable for a name that has one value everywhere, one for each service where it has several. */
function chooseVariables(services: Plain): Chosen {
  const uses = Object.entries(services).flatMap(([service, definition]) =>
    Object.entries(recordOf(recordOf(definition)['environment'])).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [{ service, name, value: String(value) }],
    ),
  );
  const shared = (name: string) =>
    new Set(uses.filter((use) => use.name === name).map(({ value }) => value)).size === 1;
  const nameOf = (service: string, name: string) => variableName(shared(name) ? name : `${service}_${name}`);
  const values = new Map<string, string>();
  const byName = new Map<string, { service: string; name: string }[]>();
  for (const { service, name, value } of uses) {
    const variable = nameOf(service, name);
    values.set(variable, value);
    byName.set(variable, [...(byName.get(variable) ?? []), { service, name }]);
  }
  return { variables: [...byName].map(([name, users]) => ({ name, uses: users })), values, nameOf };
}

function variableName(text: string): string {
  const name = text.replace(/\W/g, '_');
  return /^\d/.test(name) ? `_${name}` : name;
}

/** Replaces values by their variables in escaped text, the longest first. */
function hider(values: ReadonlyMap<string, string>, used: Set<string>): (text: string) => string {
  const told = [...values]
    .filter(([name, value]) => tells(name, value))
    .sort((a, b) => b[1].length - a[1].length)
    .map(([name, value]) => [name, escaped(value)] as const);
  return (text) =>
    told.reduce((shown, [name, value]) => {
      if (!shown.includes(value)) return shown;
      used.add(name);
      return shown.replaceAll(value, `\${${name}}`);
    }, escaped(text));
}

/** Short for a value, long enough that it is not met by chance. */
const LEAST_SECRET = 4;
const LEAST_VALUE = 8;

/** Worth hiding wherever it is met: a secret, or anything that is more than a word of the language. */
export function tells(name: string, value: string): boolean {
  if (isSecretName(name)) return value.length >= LEAST_SECRET;
  return value.length >= LEAST_VALUE && !/^[A-Za-z]+$/.test(value);
}

function hidden(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((entry) => hidden(entry, hide));
  if (typeof value !== 'object' || value === null) return value;
  return mapRecord(value as Plain, (entry) => hidden(entry, hide));
}

function escaped(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function mapRecord(record: Plain, change: (entry: unknown, key: string) => unknown): Plain {
  return Object.fromEntries(Object.entries(record).map(([key, entry]) => [key, change(entry, key)]));
}

function recordOf(value: unknown): Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : {};
}
