import { describeExit, describeTimes } from '#contract/describe.ts';
import type { FailureCard } from '#contract/model.ts';
import { ENGINE_RULES } from './failures/engineRules.ts';
import {
  type Diagnosis,
  type FailureFacts,
  OPEN_DEFINITION,
  OPEN_LOGS,
  RETRY,
  STOP,
} from './failures/facts.ts';
import { PROCESS_RULES } from './failures/processRules.ts';

/** Lines of the log on a card. */
const CARD_LINES = 20;

/** What the engine says goes before what the process printed: it is never wrong about a port. */
const RULES = [...ENGINE_RULES, ...PROCESS_RULES];

/** The card of a service that did not come up: the first known cause that fits, or what little is known. Pure. */
export function failureCard(facts: FailureFacts): FailureCard {
  for (const rule of RULES) {
    const diagnosis = rule.diagnose(facts);
    if (diagnosis !== undefined) return card(facts, rule.id, diagnosis);
  }
  return card(facts, 'unknown', unknownCause(facts));
}

function card(facts: FailureFacts, rule: string, diagnosis: Diagnosis): FailureCard {
  return {
    rule,
    title: diagnosis.title,
    explanation: facts.stillRuns
      ? `${diagnosis.explanation} The container from before goes on running.`
      : diagnosis.explanation,
    lines: facts.lines.slice(-CARD_LINES),
    exitCode: facts.exitCode,
    oomKilled: facts.oomKilled,
    lastHealth: facts.lastHealth,
    dependents: facts.dependents,
    fixes: [...diagnosis.fixes, RETRY],
    at: facts.at,
  };
}

function unknownCause(facts: FailureFacts): Diagnosis {
  if (
    facts.unhealthy ||
    facts.error?.kind === 'dependency.unhealthy' ||
    facts.error?.kind === 'dependency.timeout'
  )
    return {
      title: 'It does not become healthy',
      explanation: `Its healthcheck${facts.check === undefined ? '' : ` (${facts.check})`} goes on failing. What the check printed last stands below.`,
      fixes: [OPEN_LOGS, OPEN_DEFINITION],
    };
  if (facts.exitCode !== undefined && facts.restarts !== undefined)
    return {
      title: 'It crashes in a loop',
      explanation: `It ${describeExit(facts.exitCode, facts.oomKilled === true)}, and its restart policy starts it again each time: ${describeTimes(facts.restarts)} so far. Its last lines may say why.`,
      fixes: [OPEN_LOGS, STOP, OPEN_DEFINITION],
    };
  if (facts.exitCode !== undefined)
    return {
      title: `It ${describeExit(facts.exitCode, facts.oomKilled === true)}`,
      explanation: 'Its last lines may say why.',
      fixes: [OPEN_LOGS, OPEN_DEFINITION],
    };
  return {
    title: 'It did not come up',
    explanation: facts.error?.message ?? facts.engineError ?? 'The engine gave no reason.',
    fixes: [OPEN_LOGS, OPEN_DEFINITION],
  };
}
