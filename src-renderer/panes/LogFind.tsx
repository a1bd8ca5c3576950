import { ArrowDown, ArrowUp, CaseSensitive, Download, List, Regex, Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { LOG_LEVELS } from '#contract/logBatch.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button, IconButton, TextToggle } from '#ui/Button.tsx';
import { Field } from '#ui/Field.tsx';
import { Menu, type MenuEntry } from '#ui/Menu.tsx';
import { LogMatches } from './LogMatches.tsx';
import { spanText } from './logFilters.ts';
import type { FindState } from './logFinder.ts';
import type { LogPane } from './logPane.ts';

/** The search over a log pane: what is looked for, which lines are shown, and the matches. */
export function LogFind({ pane }: { readonly pane: LogPane }) {
  const { finder } = pane;
  const find = useStore(finder.state);
  const close = () => {
    finder.close();
    pane.focus();
  };
  return (
    <search className="log-find" onKeyDown={(event) => event.key === 'Escape' && close()}>
      <div className="log-find-line">
        <QueryField pane={pane} find={find} />
        <span className="count" role="status">
          {countText(find, finder.index)}
        </span>
        <IconButton icon={ArrowUp} label="Previous match" onClick={() => finder.step('previous')} />
        <IconButton icon={ArrowDown} label="Next match" onClick={() => finder.step('next')} />
        <IconButton
          icon={List}
          label="List all matches"
          aria-pressed={find.list}
          onClick={() => finder.setList(!find.list)}
        />
        <IconButton icon={X} label="Close the search" onClick={close} />
      </div>
      <FilterLine pane={pane} />
      {find.failure && <div className="log-find-failure tone-fail">{find.failure}</div>}
      {find.list && find.hits.length > 0 && (
        <LogMatches finder={finder} shownSource={(source) => pane.question.shownSource(source)} />
      )}
    </search>
  );
}

function QueryField({ pane, find }: { readonly pane: LogPane; readonly find: FindState }) {
  const { finder } = pane;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <Field
      ref={input}
      icon={Search}
      label="Search"
      value={find.text}
      onChange={(event) => finder.ask({ text: event.target.value })}
      onKeyDown={(event) => event.key === 'Enter' && finder.step(event.shiftKey ? 'previous' : 'next')}
      end={
        <>
          <IconButton
            icon={CaseSensitive}
            label="Match case"
            aria-pressed={find.caseSensitive}
            onClick={() => finder.ask({ caseSensitive: !find.caseSensitive })}
          />
          <IconButton
            icon={Regex}
            label="Regular expression"
            aria-pressed={find.regex}
            onClick={() => finder.ask({ regex: !find.regex })}
          />
        </>
      }
    />
  );
}

/** `12 of 340`, in the order of time. */
function countText({ text, count, hits, busy }: FindState, index: number): string {
  if (text === '') return '';
  if (count === 0) return busy ? 'searching' : 'none';
  const at = index < 0 ? '–' : (count - index).toLocaleString('en');
  return `${at} of ${count.toLocaleString('en')}${busy || hits.length === 0 ? '…' : ''}`;
}

function FilterLine({ pane }: { readonly pane: LogPane }) {
  const filter = useStore(pane.state, (state) => state.filter);
  const set = pane.setFilter.bind(pane);
  const only = (wanted: 'matching' | 'rest') => set({ only: filter.only === wanted ? 'all' : wanted });
  return (
    <div className="log-find-line">
      <TextToggle on={filter.only === 'matching'} onClick={() => only('matching')}>
        only matches
      </TextToggle>
      <TextToggle on={filter.only === 'rest'} onClick={() => only('rest')}>
        without matches
      </TextToggle>
      <LevelMenu pane={pane} />
      <TextToggle
        on={filter.stream === 'stderr'}
        data-tip="Only what was written to stderr"
        onClick={() => set({ stream: filter.stream === 'stderr' ? 'both' : 'stderr' })}
      >
        stderr
      </TextToggle>
      <SpanMenu pane={pane} />
      <NewToggle pane={pane} />
      <span className="space" />
      <ExportMenu pane={pane} />
    </div>
  );
}

function LevelMenu({ pane }: { readonly pane: LogPane }) {
  const { levels } = useStore(pane.state, (state) => state.filter);
  const toggle = (level: string) =>
    pane.setFilter({
      levels: levels.includes(level) ? levels.filter((entry) => entry !== level) : [...levels, level],
    });
  const from = (lowest: string) => LOG_LEVELS.slice(LOG_LEVELS.indexOf(lowest as 'warn'));
  const entries: readonly MenuEntry[] = [
    { type: 'item', id: 'every', text: 'every level', run: () => pane.setFilter({ levels: [] }) },
    {
      type: 'item',
      id: 'warn+',
      text: 'warnings and worse',
      run: () => pane.setFilter({ levels: from('warn') }),
    },
    {
      type: 'item',
      id: 'error+',
      text: 'errors and worse',
      run: () => pane.setFilter({ levels: from('error') }),
    },
    { type: 'line', id: 'line' },
    ...LOG_LEVELS.map(
      (level): MenuEntry => ({
        type: 'item',
        id: level,
        text: level === 'none' ? 'no level' : level,
        checked: levels.includes(level),
        run: () => toggle(level),
      }),
    ),
  ];
  return (
    <Menu entries={entries}>
      <TextToggle on={levels.length > 0}>{levels.length === 0 ? 'levels' : levels.join(', ')}</TextToggle>
    </Menu>
  );
}

const MINUTE_MS = 60_000;

/** Lines of a span of time only: the last minutes, or from or up to the marked line. */
function SpanMenu({ pane }: { readonly pane: LogPane }) {
  const { span } = useStore(pane.state, (state) => state.filter);
  const current = useStore(pane.state, (state) => state.current);
  const isSet = span.sinceMs !== undefined || span.untilMs !== undefined;
  const last = (minutes: number) => () =>
    pane.setFilter({ span: { sinceMs: Date.now() - minutes * MINUTE_MS } });
  const item = (id: string, text: string, run: () => void, disabled = false): MenuEntry => ({
    type: 'item',
    id,
    text,
    disabled,
    run,
  });
  const marked = current?.time ?? 0;
  const entries: readonly MenuEntry[] = [
    item('any', 'any time', () => pane.setFilter({ span: {} })),
    item('5', 'the last 5 minutes', last(5)),
    item('60', 'the last hour', last(60)),
    item('1440', 'the last day', last(1440)),
    { type: 'line', id: 'line' },
    item(
      'from',
      'from the marked line on',
      () => pane.setFilter({ span: { ...span, sinceMs: marked } }),
      !current,
    ),
    item(
      'until',
      'up to the marked line',
      () => pane.setFilter({ span: { ...span, untilMs: marked } }),
      !current,
    ),
  ];
  return (
    <Menu entries={entries}>
      <TextToggle on={isSet}>{isSet ? spanText(span) : 'any time'}</TextToggle>
    </Menu>
  );
}

function NewToggle({ pane }: { readonly pane: LogPane }) {
  const { onlyNew } = useStore(pane.state, (state) => state.filter);
  const [asked] = useState(() => (signal: AbortSignal) => pane.question.facts(signal));
  const { value } = useAsked(asked, '');
  const nothingKnown = value !== undefined && value.knownKinds === 0;
  return (
    <TextToggle
      on={onlyNew}
      disabled={nothingKnown}
      data-tip={
        nothingKnown ? 'No boot has ended green yet' : 'Only lines unlike any of a boot that ended green'
      }
      onClick={() => pane.setFilter({ onlyNew: !onlyNew })}
    >
      new since the last good boot
    </TextToggle>
  );
}

function ExportMenu({ pane }: { readonly pane: LogPane }) {
  const entries: readonly MenuEntry[] = [
    { type: 'item', id: 'text', text: 'as text', run: () => pane.question.export('text') },
    { type: 'item', id: 'json', text: 'as JSON lines', run: () => pane.question.export('jsonLines') },
  ];
  return (
    <Menu entries={entries} align="end">
      <Button emphasis="quiet" icon={Download}>
        Export
      </Button>
    </Menu>
  );
}
