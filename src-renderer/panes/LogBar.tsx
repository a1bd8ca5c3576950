import { X } from 'lucide-react';
import { useStore } from 'zustand';
import { Icon } from '#ui/Icon.tsx';
import { COLUMN_GAP } from './fieldColumns.ts';
import { fieldTestText } from './logFilters.ts';
import type { LogPane } from './logPane.ts';

/** Above the lines, while there is something to say: the fields that lines must have, and the heads of the columns. */
export function LogBar({ pane }: { readonly pane: LogPane }) {
  const fields = useStore(pane.state, (state) => state.filter.fields);
  const columns = useStore(pane.state, (state) => state.columns);
  if (fields.length === 0 && columns.length === 0) return null;
  return (
    <div className="log-bar">
      {fields.length > 0 && (
        <div className="log-chips">
          {fields.map((test) => (
            <button
              key={fieldTestText(test)}
              type="button"
              className="pill"
              aria-label={`Take away the filter ${fieldTestText(test)}`}
              onClick={() => pane.toggleField(test)}
            >
              <span className="cut">{fieldTestText(test)}</span>
              <Icon of={X} size={12} />
            </button>
          ))}
        </div>
      )}
      {columns.length > 0 && <ColumnHeads pane={pane} />}
    </div>
  );
}

/** As wide as the columns below, which a terminal draws. */
function ColumnHeads({ pane }: { readonly pane: LogPane }) {
  const columns = useStore(pane.state, (state) => state.columns);
  // The time's column can be left out: the heads follow.
  useStore(pane.state, (state) => state.time);
  const without = (name: string) =>
    pane.setColumns(columns.flatMap((own) => (own.name === name ? [] : own.name)));
  return (
    <div className="log-heads" style={{ fontSize: pane.fontPx, paddingLeft: `${pane.prefixWidth}ch` }}>
      {columns.map(({ name, width }) => (
        <button
          key={name}
          type="button"
          className="log-head"
          style={{ width: `${width + COLUMN_GAP}ch` }}
          aria-label={`Take away the column ${name}`}
          data-tip="Takes this column away"
          onClick={() => without(name)}
        >
          <span className="cut">{name}</span>
        </button>
      ))}
    </div>
  );
}
