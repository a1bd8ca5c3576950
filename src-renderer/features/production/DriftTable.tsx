import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { ConfigDifferenceView, DriftRow, DriftView } from '#contract/requests/production.ts';
import { useService, useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { cx } from '#ui/cx.ts';
import { Dot, type Tone } from '#ui/Dot.tsx';

interface Props {
  readonly workspace: WorkspaceId;
  readonly drift: DriftView;
}

const TONES: Readonly<Record<DriftRow['state'], Tone>> = {
  same: 'ok',
  behind: 'wait',
  ahead: 'wait',
  differentBuild: 'wait',
  differentImage: 'wait',
  versionApart: 'wait',
  onlyHere: 'off',
  onlyThere: 'off',
  unknown: 'off',
};

/** Row by row, in words: the colour only repeats them. */
export function DriftTable({ workspace, drift }: Props) {
  return (
    <>
      <table className="drift" aria-label={`This stack against ${drift.environment}`}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">State</span>
            </th>
            <th scope="col">Service</th>
            <th scope="col">Here</th>
            <th scope="col">{drift.environment}</th>
            <th scope="col">Drift</th>
            <th scope="col">
              <span className="visually-hidden">What to do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {drift.rows.map((row) => (
            <Row key={row.service ?? `there:${row.container}`} workspace={workspace} row={row} />
          ))}
        </tbody>
      </table>
      {drift.problems.length > 0 && (
        <ul className="drift-problems selectable">
          {drift.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Row({ workspace, row }: { readonly workspace: WorkspaceId; readonly row: DriftRow }) {
  return (
    <tr>
      <td>
        <Dot tone={TONES[row.state]} />
      </td>
      <th scope="row" className={cx('cut', !row.service && 'faint')} title={row.container}>
        {row.service ?? row.container}
      </th>
      <td className="mono cut" title={row.here}>
        {row.here ?? '—'}
      </td>
      <td className="mono cut" title={row.productionImage ?? row.there}>
        {row.there ?? '—'}
      </td>
      <td className="drift-words selectable">
        <span>{row.words}</span>
        {row.config.length > 0 && <Configuration config={row.config} />}
      </td>
      <td>
        <span className="drift-actions">
          <Compare row={row} />
          <Match workspace={workspace} row={row} />
        </span>
      </td>
    </tr>
  );
}

function Configuration({ config }: { readonly config: readonly ConfigDifferenceView[] }) {
  return (
    <details>
      <summary>{config.map(({ aspect }) => aspect).join(', ')} configured differently</summary>
      <dl>
        {config.map((entry) => (
          <div key={entry.aspect}>
            <dt>{entry.aspect}</dt>
            <dd>{differenceText(entry)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function differenceText(entry: ConfigDifferenceView): string {
  if ('onlyHere' in entry) {
    const here = entry.onlyHere.length > 0 ? `only here ${entry.onlyHere.join(', ')}` : '';
    const there = entry.onlyThere.length > 0 ? `only there ${entry.onlyThere.join(', ')}` : '';
    return [here, there].filter(Boolean).join(' · ');
  }
  return `${entry.here ?? 'none'} here · ${entry.there ?? 'none'} there`;
}

function Compare({ row }: { readonly row: DriftRow }) {
  const { view } = useWindow();
  const { service, productionImage, state } = row;
  if (!service || !productionImage || state === 'same') return null;
  const dialog = {
    id: 'compareImages',
    service: service as ServiceName,
    input: { image: productionImage },
  };
  return (
    <Button emphasis="quiet" onClick={() => view.setState({ dialog })}>
      Compare
    </Button>
  );
}

/** Middleware goes through the version switch, which takes care of its data. */
function Match({ workspace, row }: { readonly workspace: WorkspaceId; readonly row: DriftRow }) {
  const { view, registry } = useWindow();
  const service = useService(workspace, (row.service ?? '') as ServiceName);
  if (!row.match || !service || service.swap) return null;
  const { name } = service;
  if (row.match.type === 'swap')
    return (
      <Button onClick={() => view.setState({ dialog: { id: 'swap', service: name } })}>
        Run production here…
      </Button>
    );
  const { version } = row.match;
  if (!('switchVersion' in registry.dialogs)) return null;
  return (
    <Button
      onClick={() =>
        view.setState({ dialog: { id: 'switchVersion', service: name, input: { to: version } } })
      }
    >
      Match production…
    </Button>
  );
}
