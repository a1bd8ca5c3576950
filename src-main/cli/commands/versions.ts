import { describeBytes, describeDuration } from '#contract/describe.ts';
import { AppFailure } from '#contract/errors.ts';
import type { SwitchPlanView, VersionMenu, VersionOffer } from '#contract/requests/versions.ts';
import type { Action } from '../program.ts';
import { runToEnd } from '../runOutcome.ts';
import { asked, withSession } from '../session.ts';
import { formatTable } from '../table.ts';

interface SwitchOptions {
  readonly data?: 'carry' | 'resume' | 'fresh';
  readonly dryRun?: boolean;
}

/** `slipway versions SERVICE` */
export const versions: Action<object> = (context, [service = '']) =>
  withSession(context, 'engine', async ({ client, workspace, output }) => {
    const menu = await asked(client.versions.menu({ workspace, service }));
    output.document(menu);
    output.line(menuText(menu, Date.now()));
    return 0;
  });

/** `slipway switch SERVICE VERSION`, `slipway switch SERVICE=VERSION…` */
export const switchVersion: Action<SwitchOptions> = async (context, words, { data, dryRun }) => {
  const targets = targetsOf(words).map((target) => ({ ...target, data }));
  if (!dryRun)
    return runToEnd(context, ({ client, workspace }) =>
      client.versions.switchMany({ workspace, services: targets }),
    );
  return withSession(context, 'engine', async ({ client, workspace, output }) => {
    const plans: SwitchPlanView[] = [];
    for (const target of targets) plans.push(await asked(client.versions.plan({ workspace, ...target })));
    output.document(plans.length === 1 ? plans[0] : plans);
    output.line(plans.map(planText).join('\n\n'));
    return 0;
  });
};

/** `slipway reindex SERVICE` */
export const reindex: Action<object> = (context, [service = '']) =>
  runToEnd(context, ({ client, workspace }) => client.versions.reindex({ workspace, service }));

function targetsOf(words: readonly string[]): { readonly service: string; readonly to: string }[] {
  const [service = '', to = ''] = words;
  if (words.length === 2 && !service.includes('=')) return [{ service, to }];
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at > 0) return { service: word.slice(0, at), to: word.slice(at + 1) };
    throw new AppFailure({
      kind: 'input.invalid',
      message: `${word} names no version.`,
      hint: 'Write slipway switch SERVICE VERSION, or SERVICE=VERSION for several.',
    });
  });
}

function menuText(menu: VersionMenu, now: number): string {
  const rows = menu.offers.map((offer) => [offer.tag, remarks(offer, now)]);
  const more = menu.allTags.length - menu.offers.length;
  return [
    `${menu.title}, ${menu.image}`,
    formatTable(['VERSION', ''], rows),
    ...(more > 0 ? [`${more} more tags; any of them can be named.`] : []),
    ...(menu.offline ? [`The registry was not reached: ${menu.offline}`] : []),
  ].join('\n');
}

function remarks(offer: VersionOffer, now: number): string {
  const words = [
    offer.inUse ? 'in use' : offer.onMachine ? 'on this machine' : '',
    offer.production ? 'production' : '',
    offer.lane && !offer.inUse ? `has data from ${describeDuration(now - offer.lane.usedAt)} ago` : '',
    offer.endOfLife && Date.parse(offer.endOfLife) < now ? `end of life since ${offer.endOfLife}` : '',
  ];
  return words.filter(Boolean).join(' · ');
}

function planText(plan: SwitchPlanView): string {
  const steps = plan.steps.map(
    (step, index) => `${String(index + 1).padStart(2)}  ${step.label} (${step.cause})`,
  );
  const others = plan.choices
    .filter((choice) => choice.data !== plan.data)
    .map((choice) => `    --data ${choice.data}: ${choice.title}. ${choice.explanation}`);
  return [
    `${plan.fromImage} to ${plan.toImage}${plan.data === 'none' ? '' : `, data: ${plan.data}`}`,
    ...steps,
    ...(plan.estimate
      ? [`    ${describeBytes(plan.estimate.bytes)} of data, probably ${describeDuration(plan.estimate.ms)}`]
      : []),
    ...plan.notes.map((note) => `    ${note}`),
    ...others,
    plan.undo,
  ].join('\n');
}
