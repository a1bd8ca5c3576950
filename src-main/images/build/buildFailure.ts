import type { AppErrorOf, Position } from '#contract/errors.ts';
import { type Instruction, parseDockerfile } from './dockerfile.ts';

type BuildFailed = AppErrorOf<'build.failed'>;

export interface FailureFacts {
  /** The Dockerfile that the user wrote. */
  readonly text: string;
  /** Where it stands; the compose file's folder for an inline one. */
  readonly file: string;
  readonly addedLines: number;
  /** Name of the step that failed, as the builder says it. */
  readonly step: string | undefined;
}

/** The failure of a build at its line of the Dockerfile, in a sentence. */
export function placedFailure(error: BuildFailed, service: string, facts: FailureFacts): BuildFailed {
  const instructions = parseDockerfile(facts.text);
  const line = lineInMessage(error.message, facts.addedLines) ?? lineOfStep(instructions, facts);
  const instruction = instructions.find((entry) => entry.line === line);
  const at: Position | undefined = line === undefined ? undefined : { file: facts.file, line, column: 1 };
  return {
    ...error,
    service,
    message: sentenceOf(error.message, instruction),
    ...(at === undefined ? {} : { at }),
  };
}

function lineInMessage(message: string, addedLines: number): number | undefined {
  const found = /(?:parse error (?:on )?line |dockerfile:)(\d+)/i.exec(message);
  return found === null ? undefined : Math.max(1, Number(found[1]) - addedLines);
}

/** The line of a builder's step: by its words, since BuildKit counts only the steps that make layers. */
export function lineOfStep(
  instructions: readonly Instruction[],
  { step }: Pick<FailureFacts, 'step'>,
): number | undefined {
  if (step === undefined) return undefined;
  const said = normal(step.replace(/^\[[^\]]*\]\s*/, ''));
  const exact = instructions.find((entry) => normal(`${entry.keyword} ${entry.text}`) === said);
  if (exact !== undefined) return exact.line;
  return (said.startsWith('FROM ') ? baseOf(instructions, step) : closest(instructions, said))?.line;
}

/** `[build 1/4] FROM …`: the image's name is written out, the stage's is as in the file. */
function baseOf(instructions: readonly Instruction[], step: string): Instruction | undefined {
  const [, stage = ''] = /^\[(\S+) \d/.exec(step) ?? [];
  const bases = instructions.filter(({ keyword }) => keyword === 'FROM');
  const named = bases.find(
    ({ rest }) => /\sAS\s+(\S+)$/i.exec(rest)?.[1]?.toLowerCase() === stage.toLowerCase(),
  );
  const counted = /^stage-(\d+)$/.exec(stage)?.[1];
  return named ?? (counted === undefined ? bases.at(-1) : bases[Number(counted)]);
}

/** Variables are written out in a step's name: the instruction with the most words in common is meant. */
function closest(instructions: readonly Instruction[], said: string): Instruction | undefined {
  const words = new Set(said.split(' '));
  const keyword = said.split(' ')[0]?.toUpperCase();
  let best: { readonly entry: Instruction; readonly score: number } | undefined;
  for (const entry of instructions.filter((other) => other.keyword === keyword)) {
    const own = normal(entry.text).split(' ');
    const score = own.filter((word) => words.has(word)).length / own.length;
    if (score > (best?.score ?? 0)) best = { entry, score };
  }
  return best?.entry;
}

function normal(text: string): string {
  return text.replace(/\\\n/g, ' ').replace(/\s+/g, ' ').trim();
}

const WRAPPINGS =
  /^(failed to solve( with frontend \S+)?|failed to build LLB|failed to create LLB definition|rpc error|executor failed running|process|failed to compute cache key|dockerfile parse error (?:on )?line \d+): ?(code = \w+ desc = )?/i;

function sentenceOf(message: string, instruction: Instruction | undefined): string {
  let rest = message.trim();
  while (WRAPPINGS.test(rest)) rest = rest.replace(WRAPPINGS, '');
  const code = /exit code: (\d+)|returned a non-zero code: (\d+)/.exec(rest);
  const what = instruction && `${instruction.keyword} ${shortened(instruction.text)}`;
  if (code !== null && what !== undefined) return `${what} ended with ${code[1] ?? code[2]}.`;
  const said = rest.split('\n')[0] ?? rest;
  return what === undefined ? said : `${what}: ${said}`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
