import { AppFailure } from '#contract/errors.ts';
import type { Action } from '../program.ts';
import { asked, failureOf, type Session, tellWarnings, withSession, workspaceRecord } from '../session.ts';

interface ConfigOptions {
  readonly format?: 'yaml' | 'json';
  readonly hash?: string;
  readonly services?: boolean;
  readonly images?: boolean;
  readonly volumes?: boolean;
  readonly profiles?: boolean;
  readonly quiet?: boolean;
}

/** `slipway config`: needs no engine. */
export const config: Action<ConfigOptions> = (context, _args, options) =>
  withSession(context, 'files', async (session) => {
    const record = workspaceRecord(session);
    if (record?.project.type === 'invalid') throw new AppFailure(failureOf(record.project.errors));
    tellWarnings(session);
    if (options.quiet) return 0;
    if (options.hash !== undefined) await printHashes(session, options.hash);
    else await printConfig(session, options);
    return 0;
  });

async function printHashes({ client, workspace, output }: Session, wanted: string): Promise<void> {
  const names = wanted === '*' ? undefined : wanted.split(',');
  const { hashes } = await asked(client.project.hashes({ workspace }));
  const chosen = hashes.filter(({ service }) => names === undefined || names.includes(service));
  output.document(Object.fromEntries(chosen.map(({ service, hash }) => [service, hash])));
  for (const { service, hash } of chosen) output.line(`${service} ${hash}`);
}

async function printConfig(session: Session, options: ConfigOptions): Promise<void> {
  const { client, workspace, output } = session;
  const names = await namesOf(session, options);
  if (names !== undefined) {
    output.document(names);
    for (const name of names) output.line(name);
    return;
  }
  const format = output.json ? 'json' : (options.format ?? 'yaml');
  const { text } = await asked(client.project.config({ workspace, format }));
  if (output.json) output.document(JSON.parse(text));
  else output.raw(text.endsWith('\n') ? text : `${text}\n`);
}

interface ConfigDocument {
  readonly services?: Readonly<Record<string, { readonly image?: string }>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly name?: string;
}

async function namesOf(session: Session, options: ConfigOptions): Promise<readonly string[] | undefined> {
  if (options.profiles) return workspaceRecord(session)?.profiles.map(({ name }) => name) ?? [];
  if (!options.services && !options.images && !options.volumes) return undefined;
  const { text } = await asked(
    session.client.project.config({ workspace: session.workspace, format: 'json' }),
  );
  const document = JSON.parse(text) as ConfigDocument;
  if (options.volumes) return Object.keys(document.volumes ?? {});
  const services = Object.entries(document.services ?? {});
  if (options.services) return services.map(([name]) => name);
  return services.map(([name, service]) => service.image ?? `${document.name}-${name}`);
}
