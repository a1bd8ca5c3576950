import type { FailureCard as Card, Fix, ServiceRecord } from '#contract/model.ts';
import { confirmed, withConsent } from '#state/consent.ts';
import { useWindow } from '#state/hooks.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { Button } from '#ui/Button.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { Cell } from '#ui/Grid.tsx';
import { fixesFor, showFix } from './cardFixes.ts';

interface FailureCardProps {
  readonly service: ServiceRecord;
  readonly card: Card;
}

/** Why a service failed, below its row: the cause, the last lines, the ways out. */
export function FailureCard({ service, card }: FailureCardProps) {
  const model = useWindow();
  return (
    <Cell className="failure selectable">
      <ErrorCard
        title={card.title}
        output={outputOf(card)}
        actions={fixesFor(model, card).map((fix) => (
          <Button key={fix.id} emphasis={fix.emphasis} onClick={() => runFix(model, service, fix)}>
            {fix.label}
          </Button>
        ))}
      >
        <p>{card.explanation}</p>
        {card.dependents.length > 0 && <p className="faint">{dependentWords(card.dependents)}</p>}
      </ErrorCard>
    </Cell>
  );
}

/** The last lines, and how it ended; nothing where there is neither. */
function outputOf(card: Card): string {
  const ended = card.exitCode !== undefined;
  const facts = [
    ended ? `exit code ${card.exitCode}` : '',
    card.oomKilled ? 'out of memory' : ended ? 'not out of memory' : '',
    card.lastHealth ? `last health output: ${card.lastHealth.output.trim() || 'none'}` : '',
  ].filter((fact) => fact !== '');
  return [...card.lines, facts.join(', ')].filter((line) => line !== '').join('\n');
}

/** "gateway waits for it.", "storefront, gateway wait for it." */
function dependentWords(dependents: readonly string[]): string {
  return `${dependents.join(', ')} ${dependents.length === 1 ? 'waits' : 'wait'} for it.`;
}

function runFix(model: WindowModel, service: ServiceRecord, fix: Fix): void {
  if (showFix(model, service, fix.id)) return;
  const send = () =>
    withConsent(model, fix.label, (consents) =>
      model.client.stack.fix({
        workspace: service.workspace,
        service: service.name,
        fix: fix.id,
        ...(consents ? { consents } : {}),
      }),
    );
  const label = fix.label.replace(/…$/, '');
  if (!fix.loses) send();
  else
    confirmed(model, {
      title: `${label}?`,
      body: `This goes: ${fix.loses}`,
      action: label,
      look: 'danger',
      run: send,
    });
}
