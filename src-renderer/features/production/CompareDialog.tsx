import './production.css';
import { useState } from 'react';
import { describeBytes, describeError } from '#contract/describe.ts';
import type { ComparisonView } from '#contract/requests/production.ts';
import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { cx } from '#ui/cx.ts';
import { Dialog } from '#ui/Dialog.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { Field } from '#ui/Field.tsx';

interface Pair {
  readonly left: string;
  readonly right: string;
  readonly files: boolean;
}

/** Two images side by side: configuration, layers, files, and the commits between them. */
export function CompareDialog({ workspace, service, input, onClose }: DialogProps) {
  const { client } = useWindow();
  const [left, setLeft] = useState(service ?? '');
  const [right, setRight] = useState(input?.['image'] ?? '');
  const [pair, setPair] = useState<Pair | undefined>(
    left !== '' && right !== '' ? { left, right, files: false } : undefined,
  );
  const found = useAsked(
    pair && ((signal) => client.production.compare({ workspace, ...pair }, { signal })),
    JSON.stringify(pair ?? ''),
  );
  const ready = left.trim() !== '' && right.trim() !== '';
  const look = (files: boolean) => ready && setPair({ left: left.trim(), right: right.trim(), files });
  return (
    <Dialog
      title="Compare two images"
      width="wide"
      onClose={onClose}
      end={
        <>
          <span className="dim cut">Files are compared when both images are on this machine.</span>
          <span className="space" />
          <Button disabled={!ready} onClick={() => look(true)}>
            Compare files too
          </Button>
          <Button emphasis="primary" disabled={!ready} onClick={() => look(false)}>
            Compare
          </Button>
        </>
      }
    >
      <div className="compare-pair">
        <Field
          label="A service or an image"
          className="mono"
          value={left}
          onChange={(event) => setLeft(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && look(false)}
        />
        <Field
          label="Another image"
          className="mono"
          value={right}
          onChange={(event) => setRight(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && look(false)}
        />
      </div>
      {found.failure && (
        <ErrorCard title="They cannot be compared">{<p>{describeError(found.failure)}</p>}</ErrorCard>
      )}
      {pair && !found.value && !found.failure && <p className="faint">Looking…</p>}
      {found.value && (
        <div className={cx(found.answers === 'earlier' && 'outdated')}>
          <Comparison view={found.value} />
        </div>
      )}
    </Dialog>
  );
}

function Comparison({ view }: { readonly view: ComparisonView }) {
  const { left, right, layers, env, labels, differences } = view;
  const rows: readonly (readonly [string, string, string])[] = [
    ['size', describeBytes(left.sizeBytes), describeBytes(right.sizeBytes)],
    ['layers', `${left.layers}, ${layers.shared} shared`, `${right.layers}, ${layers.shared} shared`],
    ['revision', left.revision?.slice(0, 12) ?? '—', right.revision?.slice(0, 12) ?? '—'],
    ...differences.map(({ aspect, left: here, right: there }) => [aspect, here, there] as const),
    ['only here: environment', env.onlyLeft.join(', '), env.onlyRight.join(', ')],
    ['only here: labels', labels.onlyLeft.join(', '), labels.onlyRight.join(', ')],
  ];
  const told = rows.filter(([, here, there]) => here !== '' || there !== '');
  return (
    <>
      {left.id === right.id && <p>They are the same image.</p>}
      <table className="compare selectable">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Aspect</span>
            </th>
            <th scope="col" className="mono">
              {left.image}
            </th>
            <th scope="col" className="mono">
              {right.image}
            </th>
          </tr>
        </thead>
        <tbody>
          {told.map(([aspect, here, there]) => (
            <tr key={aspect}>
              <th scope="row">{aspect}</th>
              <td className="mono">{here}</td>
              <td className="mono">{there}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {labels.changed.length > 0 && <p className="dim">Labels that differ: {labels.changed.join(', ')}</p>}
      {view.commits && <Lines title={view.commits.text} lines={view.commits.list} />}
      {view.files && <Lines title="Files that differ" lines={fileLines(view.files)} />}
    </>
  );
}

function fileLines(files: NonNullable<ComparisonView['files']>): readonly string[] {
  const lines = [
    ...files.changed.map((name) => `~ ${name}`),
    ...files.onlyLeft.map((name) => `< ${name}`),
    ...files.onlyRight.map((name) => `> ${name}`),
    ...(files.more > 0 ? [`and ${files.more} more`] : []),
  ];
  return lines.length === 0 ? ['none'] : lines;
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <section aria-label={title}>
      <h3 className="compare-title">{title}</h3>
      <ul className="changes mono selectable">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
