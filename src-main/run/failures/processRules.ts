import { suggest } from '#compose/suggest.ts';
import {
  type Diagnosis,
  type FailureFacts,
  fix,
  OPEN_DEFINITION,
  OPEN_LOGS,
  type Rule,
  search,
} from './facts.ts';

/** The engine's words for a program that is not in an image, with its name. */
export const ABSENT_PROGRAM = /exec: "([^"]+)": (?:executable file not found|stat [^:]+: no such file)/;

/** Causes that the process itself tells, by what it printed last and by its exit code. */
export const PROCESS_RULES: readonly Rule[] = [
  { id: 'script.crlf', diagnose: windowsLines },
  { id: 'data.version', diagnose: dataOfAnotherVersion },
  { id: 'data.password', diagnose: passwordOfOldData },
  { id: 'setting.missing', diagnose: missingSetting },
  { id: 'name.unresolved', diagnose: nameDoesNotResolve },
  { id: 'command.notFound', diagnose: commandNotFound },
  { id: 'command.notExecutable', diagnose: notExecutable },
  { id: 'permission', diagnose: permissionDenied },
];

/** A script with Windows line ends: the carriage return becomes part of the interpreter's or command's name. */
function windowsLines(facts: FailureFacts): Diagnosis | undefined {
  const found = search(
    facts,
    /\\r': |\r: (?:not found|command not found)|\^M: bad interpreter|\$'\\r': command not found|[‘'"]?(?:bash|sh|python3?|node)\\?\r[’'"]?: No such file/,
  );
  if (found === undefined && windowsScript(facts) === undefined) return undefined;
  return {
    title: 'A script has Windows line ends',
    explanation: 'Each of its lines ends in CR LF, and the CR is taken for a part of a command.',
    fixes: [fix('script.lf', 'Convert it to LF', 'primary'), OPEN_LOGS],
  };
}

/**
 * The kernel looks for an interpreter whose name ends in CR, finds none, and the engine says of the script itself that there
 * is no such file.
 */
function windowsScript(facts: FailureFacts): string | undefined {
  if (!facts.windowsScripts?.length) return undefined;
  const said = search(facts, NO_SUCH_PROGRAM)?.[1];
  return facts.windowsScripts.find((name) => said === name || said?.endsWith(`/${name}`));
}

/** What runc and Docker's own init say when the kernel could not execute a file. */
const NO_SUCH_PROGRAM =
  /(?:exec|unable to start container process).*?(\/[^\s:"]+)["']?(?: failed)?: no such file or directory/i;

/** What data directories of another version make the products say, with the version that wrote the data where it is named. */
const VERSION_MESSAGES: readonly RegExp[] = [
  // PostgreSQL, src/backend/utils/init/miscinit.c ValidatePgVersion.
  /data directory was initialized by PostgreSQL version (\S+?),/,
  /database files are incompatible with server/,
  // The official image from 18 on, when a volume of an earlier one is mounted at the old place.
  /there appears to be PostgreSQL data in|data is in a format .* (?:incompatible|not compatible)/i,
  // Redis and Valkey, src/rdb.c.
  /Can't handle RDB format version (\d+)/,
  // MariaDB and MySQL, storage/innobase.
  /Invalid MySQL server (?:downgrade|upgrade): Cannot (?:downgrade|upgrade) from (\d+)/,
  /InnoDB: Unsupported redo log format|InnoDB: Upgrade after a crash is not supported/i,
  // RabbitMQ feature flags.
  /feature flags? .* (?:not supported|required).*(?:downgrade|upgrade)|required feature flag not enabled/i,
];

function dataOfAnotherVersion(facts: FailureFacts): Diagnosis | undefined {
  for (const pattern of VERSION_MESSAGES) {
    const found = search(facts, pattern);
    if (found === undefined) continue;
    const version = found[1];
    return {
      title:
        version === undefined
          ? 'The data is of another version'
          : `The data was written by version ${version}`,
      explanation: `${facts.image} cannot read what is in its volume. The data is untouched.`,
      fixes: [
        fix(
          'data.resume',
          version === undefined ? 'Go back to the version of the data' : `Go back to ${version}`,
          'primary',
        ),
        fix('data.carry', 'Take the data along'),
        fix(
          'data.fresh',
          'Start with an empty volume',
          'normal',
          'Nothing: the old volume is kept beside the new one.',
        ),
      ],
    };
  }
  return undefined;
}

/** What a refused login reads like, with the account where it is named, and whose words they are. */
const PASSWORD_MESSAGES: readonly { readonly pattern: RegExp; readonly products: readonly string[] }[] = [
  { pattern: /password authentication failed for user "?([^\s"]+)/, products: ['postgres'] },
  { pattern: /Access denied for user '([^']+)'/, products: ['mariadb', 'mysql'] },
  {
    pattern: /PLAIN login refused: user '([^']+)'|ACCESS_REFUSED|Login was refused/,
    products: ['rabbitmq'],
  },
  { pattern: /WRONGPASS|NOAUTH|invalid username-password pair/, products: ['redis', 'valkey'] },
];

/** Their accounts are kept in the volume, from the first start on; the others read their password at every start. */
const KEEPS_PASSWORDS = new Set(['postgres', 'mariadb', 'mysql', 'rabbitmq']);

/** A password only counts when the data is made: a volume from before keeps the old one. */
function passwordOfOldData(facts: FailureFacts): Diagnosis | undefined {
  for (const { pattern, products } of PASSWORD_MESSAGES) {
    const found = search(facts, pattern);
    if (found === undefined) continue;
    const server = facts.middleware?.find(({ product }) => products.includes(product));
    return products.some((product) => KEEPS_PASSWORDS.has(product))
      ? keptPassword(found[1] ?? server?.account, server?.service)
      : readPassword(server?.service);
  }
  return undefined;
}

function keptPassword(user: string | undefined, server: string | undefined): Diagnosis {
  const setIt = fix(
    `data.password:${server}/${user}`,
    "Set the account's password to the new one",
    'primary',
  );
  const fresh = fix(
    `data.reset:${server}`,
    `Fresh ${server}…`,
    'normal',
    `The data of ${server}. The bin keeps it for a week.`,
  );
  return {
    title: 'Its password is not the one this database was created with',
    explanation: `${server ?? 'The database'} does not accept the password${user === undefined ? '' : ` of ${user}`}. It keeps the one that its volume was made with; a new one in the compose file or in .env is read on the first start only.`,
    fixes: [
      ...(server !== undefined && user !== undefined ? [setIt] : []),
      ...(server === undefined ? [] : [fresh]),
      OPEN_DEFINITION,
    ],
  };
}

function readPassword(server: string | undefined): Diagnosis {
  return {
    title: 'The password is not accepted',
    explanation: `${server ?? 'The server'} reads its password at every start: what this service sends is not what stands in the compose file for ${server ?? 'it'}.`,
    fixes: [OPEN_DEFINITION, OPEN_LOGS],
  };
}

/** Images that refuse to start without a setting, and say which. */
function missingSetting(facts: FailureFacts): Diagnosis | undefined {
  const found =
    search(facts, /(?:must specify|You need to specify) .*?\b([A-Z][A-Z0-9_]{3,})\b/) ??
    search(facts, /\b(?:[Ss]et|[Pp]rovide|[Dd]efine) (?:the )?([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b/) ??
    search(facts, /(?:superuser password is not specified|Database is uninitialized and)/) ??
    search(
      facts,
      /(?:environment variable|env(?:ironment)? var) "?([A-Z][A-Z0-9_]+)"? (?:is not set|is required|must be set|not found)/i,
    ) ??
    search(facts, /KeyError: '([A-Z][A-Z0-9_]+)'/);
  if (found === undefined) return undefined;
  const name = found[1];
  return {
    title: name === undefined ? 'A required setting is missing' : `${name} is not set`,
    explanation: 'It ends at once because a setting that it needs has no value.',
    fixes: [
      ...(name === undefined ? [] : [fix(`variable.set:${name}`, `Set ${name}…`, 'primary')]),
      OPEN_DEFINITION,
    ],
  };
}

const NAME_MESSAGES: readonly RegExp[] = [
  /getaddrinfo (?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)/,
  /could not translate host name "([^"]+)"/,
  /lookup ([\w.-]+)(?: on \S+)?: no such host/,
  /bad address '([^':]+)/,
  /(?:getaddrinfo|resolve host|resolve hostname|connect to)[^\n]*?"?([\w.-]+)"?: (?:Name or service not known|Temporary failure in name resolution|Name does not resolve)/i,
  /host not found in upstream "([^":]+)/,
  /(?:Name or service not known|Temporary failure in name resolution|Name does not resolve)/,
];

function nameDoesNotResolve(facts: FailureFacts): Diagnosis | undefined {
  for (const pattern of NAME_MESSAGES) {
    const found = search(facts, pattern);
    if (found === undefined) continue;
    const name = found[1];
    const known = name !== undefined && facts.services.includes(name);
    return {
      title: name === undefined ? 'A name does not resolve' : `The name ${name} does not resolve`,
      explanation: known
        ? `${name} is a service of this project, but it does not run, or shares no network with ${facts.service}.`
        : `No service of this project has that name. ${otherNames(facts, name)}`,
      fixes: [...(known ? [fix(`service.start:${name}`, `Start ${name}`, 'primary')] : []), OPEN_DEFINITION],
    };
  }
  return undefined;
}

function otherNames({ services }: FailureFacts, name: string | undefined): string {
  const meant = name === undefined ? undefined : suggest(name, services);
  return meant === undefined ? `There are: ${services.join(', ')}.` : `Did you mean ${meant}?`;
}

function commandNotFound(facts: FailureFacts): Diagnosis | undefined {
  const found = search(facts, ABSENT_PROGRAM);
  const missing = search(facts, NO_SUCH_PROGRAM);
  if (found === undefined && missing === undefined && facts.exitCode !== 127) return undefined;
  const name = found?.[1] ?? missing?.[1] ?? search(facts, /([\w./-]+): (?:command )?not found/)?.[1];
  return {
    title:
      name === undefined ? 'Its command is not in the image' : `There is no command ${name} in the image`,
    explanation: 'The command may be misspelt, or the image may be a smaller variant that leaves it out.',
    fixes: [OPEN_DEFINITION, fix('versions.open', 'Choose another version'), OPEN_LOGS],
  };
}

function notExecutable(facts: FailureFacts): Diagnosis | undefined {
  const found = search(facts, /exec: "([^"]+)": permission denied|exec (\/\S+) failed: permission denied/i);
  if (found === undefined && facts.exitCode !== 126) return undefined;
  const name = found?.[1] ?? found?.[2];
  return {
    title: name === undefined ? 'Its command is not executable' : `${name} is not executable`,
    explanation: 'The file is there but lacks the permission to be run.',
    fixes: [
      fix(
        name === undefined ? 'script.executable' : `script.executable:${name}`,
        'Make it executable',
        'primary',
      ),
      OPEN_DEFINITION,
    ],
  };
}

function permissionDenied(facts: FailureFacts): Diagnosis | undefined {
  const found = search(
    facts,
    /(?:EACCES|permission denied|operation not permitted)[^\n]*?(\/[\w./-]+)?|(\/[\w./-]+): (?:permission denied|operation not permitted)/i,
  );
  if (found === undefined) return undefined;
  const path = search(
    facts,
    /(\/[\w./-]{2,})["']?: (?:permission denied|operation not permitted)|(?:EACCES|permission denied)[^\n]*?['" ](\/[\w./-]{2,})/i,
  );
  const where = path?.[1] ?? path?.[2];
  return {
    title: where === undefined ? 'Permission denied' : `No permission for ${where}`,
    explanation:
      'The user that it runs as may not use a file or folder, often one that is mounted from the host.',
    fixes: [
      ...(where === undefined ? [] : [fix(`permission.fix:${where}`, 'Give it the permission', 'primary')]),
      OPEN_DEFINITION,
      OPEN_LOGS,
    ],
  };
}
