import type { FailureCard as Card, Fix, ServiceRecord } from '#contract/model.ts';
import { confirmed, withConsent } from '#state/consent.ts';
import { useServerShallow, useWindow } from '#state/hooks.ts';
import { selectService } from '#state/selectors.ts';
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
        label={`${service.name}: ${card.title}`}
        output={outputOf(card)}
        actions={fixesFor(model, service, card).map((fix) => (
          <Button key={fix.id} emphasis={fix.emphasis} onClick={() => runFix(model, service, fix)}>
            {fix.label}
          </Button>
        ))}
      >
        <p>{card.explanation}</p>
        <Dependents service={service} names={card.dependents} />
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

interface DependentsProps {
  readonly service: ServiceRecord;
  readonly names: Card['dependents'];
}

/** "storefront waits for it. gateway uses it." Who waits may have come up meanwhile. */
function Dependents({ service, names }: DependentsProps) {
  const { workspace } = service;
  const running = useServerShallow((state) =>
    names.filter((name) => isUp(selectService(state, workspace, name))),
  );
  const waiting = names.filter((name) => !running.includes(name));
  const words = [sentence(waiting, 'wait', 'for it'), sentence(running, 'use', 'it')].join(' ').trim();
  return words === '' ? null : <p className="faint">{words}</p>;
}

function isUp(dependent: ServiceRecord | undefined): boolean {
  return dependent?.status.type === 'running' || dependent?.status.type === 'starting';
}

function sentence(names: readonly string[], verb: string, rest: string): string {
  return names.length === 0 ? '' : `${names.join(', ')} ${verb}${names.length === 1 ? 's' : ''} ${rest}.`;
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
