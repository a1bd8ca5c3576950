import { describeBytes } from '#contract/describe.ts';
import type { ComparisonView, LockView, PreflightView, RegistryInfo } from '#contract/requests/production.ts';
import type { Action } from '../program.ts';
import { asked, withSession } from '../session.ts';
import { formatTable } from '../table.ts';

/** `slipway preflight [IMAGE…]`: exit status 1 when something cannot be pulled. */
export const preflight: Action<object> = (context, images) =>
  withSession(context, 'engine', async ({ client, workspace, output }) => {
    const chosen = images.length === 0 ? {} : { images: [...images] };
    const view = await asked(client.production.preflight({ workspace, ...chosen }));
    output.document(view);
    output.line(preflightText(view));
    return view.images.every(({ error }) => error === undefined) ? 0 : 1;
  });

function preflightText(view: PreflightView): string {
  const registries = view.registries.map((entry) => [
    entry.registry,
    WORDS[entry.state],
    entry.username ?? (entry.login === 'stored' ? 'logged in' : ''),
    entry.quota ? `${entry.quota.remaining} of ${entry.quota.limit} pulls left` : '',
  ]);
  const images = view.images.map(({ image, onMachine, downloadBytes, error }) => [
    image,
    onMachine
      ? 'on this machine'
      : downloadBytes === undefined
        ? 'not possible'
        : describeBytes(downloadBytes),
    error?.message ?? '',
  ]);
  const hints = view.images.flatMap(({ image, error }) => (error?.hint ? [`! ${image}: ${error.hint}`] : []));
  const free = view.freeBytes === undefined ? '' : `, ${describeBytes(view.freeBytes)} free`;
  return [
    formatTable(['REGISTRY', 'STATE', 'LOGIN', ''], registries),
    '',
    formatTable(['IMAGE', 'TO PULL', ''], images),
    ...hints,
    '',
    `${describeBytes(view.downloadBytes)} in all, each layer once${free}.`,
  ].join('\n');
}

const WORDS: Readonly<Record<RegistryInfo['state'], string>> = {
  ok: 'reachable',
  notLoggedIn: 'not logged in',
  expired: 'login expired',
  denied: 'denied',
  missing: 'reachable',
  rateLimited: 'rate limited',
  unreachable: 'not reachable',
};

/** `slipway lock` */
export const lock: Action<object> = (context) =>
  withSession(context, 'engine', async ({ client, workspace, output }) => {
    const view: LockView = await asked(client.production.lock({ workspace }));
    output.document(view);
    const rows = view.services.map(({ service, image, locked, why }) => [
      service,
      locked ?? image,
      why ?? '',
    ]);
    output.line(formatTable(['SERVICE', 'IMAGE', ''], rows));
    output.note(`Written to ${view.file}. slipway up --locked boots exactly this.`);
    return 0;
  });

interface CompareOptions {
  readonly files?: boolean;
}

/** `slipway compare LEFT RIGHT`: exit status 1 when they differ. */
export const compare: Action<CompareOptions> = (context, [left = '', right = ''], { files }) =>
  withSession(context, 'engine', async ({ client, workspace, output }) => {
    const view = await asked(client.production.compare({ workspace, left, right, files }));
    output.document(view);
    output.line(comparisonText(view));
    return view.left.id === view.right.id ? 0 : 1;
  });

function comparisonText(view: ComparisonView): string {
  const { left, right, layers, env, labels, files, commits } = view;
  const rows = [
    ['image', left.image, right.image],
    ['id', left.id.slice(0, 19), right.id.slice(0, 19)],
    ['size', describeBytes(left.sizeBytes), describeBytes(right.sizeBytes)],
    ['layers', `${left.layers}, ${layers.shared} shared`, `${right.layers}, ${layers.shared} shared`],
    ['revision', left.revision?.slice(0, 12) ?? '', right.revision?.slice(0, 12) ?? ''],
    ...view.differences.map((entry) => [entry.aspect, entry.left, entry.right]),
    ['only here', env.onlyLeft.join(' '), env.onlyRight.join(' ')],
    ['labels', labels.onlyLeft.join(' '), labels.onlyRight.join(' ')],
  ];
  return [
    formatTable(['', 'LEFT', 'RIGHT'], rows.filter(([, a, b]) => a !== '' || b !== '') as string[][]),
    ...(labels.changed.length > 0 ? [`Labels that differ: ${labels.changed.join(', ')}`] : []),
    ...(commits ? [commits.text, ...commits.list.map((line) => `  ${line}`)] : []),
    ...(files ? filesText(files) : []),
  ].join('\n');
}

function filesText(files: NonNullable<ComparisonView['files']>): readonly string[] {
  return [
    ...files.onlyLeft.map((name) => `< ${name}`),
    ...files.onlyRight.map((name) => `> ${name}`),
    ...files.changed.map((name) => `~ ${name}`),
    ...(files.more > 0 ? [`and ${files.more} more`] : []),
  ];
}
