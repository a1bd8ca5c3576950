import { Columns3, Copy, Download, Equal, EqualNot, ListTree, X } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { LogLine } from '#contract/logBatch.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button, IconButton } from '#ui/Button.tsx';
import { fieldsOf } from './fieldColumns.ts';
import { isFiltering } from './logFilters.ts';
import type { LogPane } from './logPane.ts';
import { plainText } from './plainText.ts';

interface LogDetailProps {
  readonly pane: LogPane;
  readonly line: LogLine;
}

/** One line in full: when and where it was written, its fields, its text. */
export function LogDetail({ pane, line }: LogDetailProps) {
  const text = useLineText(pane, line);
  const fields = fieldsOf(line);
  const hidesOthers = useHidesOthers(pane);
  const close = () => {
    pane.setDetail(false);
    pane.focus();
  };
  return (
    <aside
      className="log-detail"
      aria-label="The marked line"
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <header className="log-detail-head">
        <time>{new Date(line.time).toISOString().replace('T', ' ')}</time>
        <IconButton icon={X} label="Close the line" keys="enter" onClick={close} />
      </header>
      <p className="log-detail-facts">
        {factsText({ ...line, source: pane.question.shownSource(line.source) })}
      </p>
      <div className="log-detail-tools">
        <Button emphasis="quiet" icon={Copy} onClick={() => void navigator.clipboard.writeText(text.text)}>
          Copy
        </Button>
        {line.id !== '' && hidesOthers && (
          <Button
            emphasis="quiet"
            icon={ListTree}
            data-tip="Shows what was written beside it, whatever the filter says"
            onClick={() => void pane.place.showContext()}
          >
            Context
          </Button>
        )}
        {line.kind === 'folded' && (
          <Button emphasis="quiet" icon={Download} onClick={() => pane.question.saveLine(line)}>
            Save
          </Button>
        )}
      </div>
      {fields && <Fields pane={pane} fields={fields} />}
      {text.note && <p className="log-detail-facts">{text.note}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line scrolls, and a keyboard must be able to. */}
      <pre className="log-detail-text" tabIndex={0}>
        {text.text}
      </pre>
    </aside>
  );
}

/** The filter leaves lines out, also here. */
function useHidesOthers(pane: LogPane): boolean {
  const { filter, context } = useStore(pane.state);
  const find = useStore(pane.finder.state);
  return isFiltering(find, filter) && !context;
}

function factsText({ source, kind, level }: LogLine): string {
  const words = [source, kind === 'marker' ? 'written by Slipway' : kind, level === 'none' ? '' : level];
  return words.filter((word) => word !== '').join(' · ');
}

/** A folded line is fetched whole. */
function useLineText(pane: LogPane, line: LogLine): { readonly text: string; readonly note?: string } {
  const [own] = useState(() => plainText(new TextDecoder().decode(line.text)));
  const folded = line.kind === 'folded';
  const ask = folded ? (signal: AbortSignal) => pane.question.wholeLine(line, signal) : undefined;
  const { value, failure } = useAsked(ask, line.id);
  if (!folded) return { text: own };
  if (failure) return { text: own, note: failure.message };
  if (!value) return { text: own, note: 'Reading the whole line…' };
  const text = plainText(value.text);
  const size = `${value.text.length.toLocaleString('en')} characters`;
  return { text, note: value.cut ? `The first ${size}; saving gives all of it.` : size };
}

interface FieldsProps {
  readonly pane: LogPane;
  readonly fields: ReadonlyMap<string, string>;
}

/** By field: a column for it, only lines that have this value, only those that have another. */
function Fields({ pane, fields }: FieldsProps) {
  const columns = useStore(pane.state, (state) => state.columns).map(({ name }) => name);
  const toggle = (name: string) =>
    pane.setColumns(columns.includes(name) ? columns.filter((own) => own !== name) : [...columns, name]);
  return (
    <table className="log-fields" aria-label="Fields">
      <tbody>
        {[...fields].map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
            <td className="log-field-tools">
              <IconButton
                icon={Columns3}
                label={`Column ${name}`}
                aria-pressed={columns.includes(name)}
                onClick={() => toggle(name)}
              />
              <IconButton
                icon={Equal}
                label={`Only lines with this ${name}`}
                onClick={() => pane.toggleField({ name, is: 'equal', value })}
              />
              <IconButton
                icon={EqualNot}
                label={`Only lines with another ${name}`}
                onClick={() => pane.toggleField({ name, is: 'other', value })}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
