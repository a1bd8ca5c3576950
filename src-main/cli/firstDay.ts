import { isSecretName } from '#base/secretNames.ts';
import { AppFailure, isKind } from '#contract/errors.ts';
import type { Prerequisite, PrerequisiteFix } from '#contract/prerequisites.ts';
import { type Ask, asker, isYes } from './questions.ts';
import { asked, type Session, whenState, workspaceRecord } from './session.ts';

interface Answers {
  /** Everything that can be answered without being asked is. */
  readonly yes: boolean;
}

/**
 * What the files need before they can be read at all: variables that nobody set, files that are not there. Asked for in one
 * go on a terminal, taken from the project's example file with `--yes`; otherwise the load fails and says what is missing.
 */
export async function completeFiles(session: Session, answers: Answers): Promise<void> {
  const project = await whenState(session, () => {
    const status = workspaceRecord(session)?.project;
    return status?.type === 'loading' ? undefined : status;
  });
  if (project.type !== 'invalid') return;
  if (project.errors.some(({ kind }) => kind === 'compose.variable')) await setVariables(session, answers);
  if (project.errors.some((error) => error.kind === 'compose.invalid' && error.missingFile))
    await provideAll(session, (await missingNow(session)).filter(isStopping), answers);
  await filesShown(session);
}

/** The files have been read again by now; what is known of them here follows a moment later. */
async function filesShown(session: Session): Promise<void> {
  const { source } = session.core.workspaces.get(session.workspace);
  await whenState(session, () => {
    const shown = workspaceRecord(session)?.project;
    return JSON.stringify(shown) === JSON.stringify(source.status) ? true : undefined;
  });
}

/** A boot; what it lacks is provided first, where somebody says so. */
export async function withPrerequisites<T>(
  session: Session,
  answers: Answers,
  boot: () => Promise<T>,
): Promise<T> {
  try {
    return await boot();
  } catch (thrown) {
    if (!isKind(thrown, 'project.unready')) throw thrown;
    if (!(await provideAll(session, thrown.error.missing, answers))) throw thrown;
    return boot();
  }
}

async function setVariables(session: Session, { yes }: Answers): Promise<void> {
  const { client, workspace, output } = session;
  const { variables, exampleFile } = await asked(client.project.missingVariables({ workspace }));
  const ask = yes ? undefined : asker(session);
  const offered = variables.every(({ example }) => example !== undefined);
  if (ask === undefined && !(yes && offered)) return;
  output.note(`The files need ${variables.length} variables that nobody set.`);
  if (exampleFile !== undefined) output.note(`Where there is a value in [ ], ${exampleFile} offers it.`);
  const values: Record<string, string> = {};
  for (const variable of variables) values[variable.name] = await answerFor(session, variable, ask);
  if (ask !== undefined && !(await agreed(ask, 'Append these to .env?')))
    throw new AppFailure({ kind: 'cancelled', message: 'Nothing has been written.' });
  await asked(client.project.setVariables({ workspace, values }));
  output.note(`${Object.keys(values).join(', ')} appended to .env.`);
}

async function answerFor(
  { output }: Session,
  variable: { readonly name: string; readonly message?: string; readonly example?: string },
  ask: Ask | undefined,
): Promise<string> {
  const { name, message, example = '' } = variable;
  if (ask === undefined) return example;
  if (message !== undefined) output.note(`  ${message}`);
  const question = `${name}${example === '' ? '' : ` [${example}]`}: `;
  return (await ask(question, isSecretName(name) ? 'hidden' : 'shown')) || example;
}

/** Yes unless somebody says otherwise. */
async function agreed(ask: Ask, question: string): Promise<boolean> {
  const answer = await ask(`${question} [Y/n] `);
  return answer === '' || isYes(answer);
}

async function missingNow({ client, workspace }: Session): Promise<readonly Prerequisite[]> {
  return (await asked(client.project.prerequisites({ workspace }))).missing;
}

function isStopping({ weight }: Prerequisite): boolean {
  return weight === 'stops';
}

/** Whether everything was provided. */
async function provideAll(
  session: Session,
  missing: readonly Prerequisite[],
  { yes }: Answers,
): Promise<boolean> {
  const ask = asker(session);
  for (const entry of missing) {
    session.output.note(`${entry.title}${entry.detail ? ` ${entry.detail}` : ''}`);
    const choice = yes ? firstAlone(entry) : ask && (await choose(ask, entry));
    if (choice === undefined) return false;
    const { client, workspace } = session;
    await asked(client.project.provide({ workspace, id: entry.id, fix: choice.fix.id, ...choice.answer }));
    session.output.note(`  ${choice.fix.label}: done.`);
  }
  return true;
}

interface Choice {
  readonly fix: PrerequisiteFix;
  readonly answer?: { readonly value: string };
}

/** The likeliest fix, where nothing has to be asked for it. */
function firstAlone(entry: Prerequisite): Choice | undefined {
  const fix = entry.fixes.find(({ asks }) => asks === undefined);
  return fix && { fix };
}

async function choose(ask: Ask, entry: Prerequisite): Promise<Choice | undefined> {
  const lines = entry.fixes.map(({ label }, index) => `  ${index + 1}. ${label}`).join('\n');
  const fix = entry.fixes[Number(await ask(`${lines}\n  Which? [none] `)) - 1];
  if (fix === undefined) return undefined;
  return fix.asks === undefined ? { fix } : { fix, answer: { value: await ask('  Folder: ') } };
}
