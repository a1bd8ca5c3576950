import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { describeTook } from '#contract/describe.ts';
import { useElapsed, useKnown } from '#state/hooks.ts';
import { rightEdge } from './axis.ts';
import {
  type Fall,
  type FallFacts,
  type FallRow,
  type FallSpan,
  factsOf,
  PHASE_WORDS,
  PHASES,
  sameBars,
} from './phases.ts';

/** As `.fall-bar` is high. */
const ROW_PX = 34;
/** Rows drawn beyond the edges. */
const BEYOND = 8;
/** Of a name; a longer one is cut. */
const LONGEST_NAME = 28;

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

interface WaterfallProps {
  readonly fall: Fall;
  readonly span: FallSpan;
}

/** Where the time of a boot went: one line a service, the critical path in a frame. */
export function Waterfall({ fall, span }: WaterfallProps) {
  const above = useRef<HTMLDivElement>(null);
  const { shown, before, after } = useShown(fall.length, above);
  const facts = useMemo(() => factsOf(fall), [fall]);
  const { lastEndMs } = facts;
  const totalMs = useElapsed(span, (ms) => rightEdge(span, Math.max(ms, lastEndMs)));
  const name = Math.min(LONGEST_NAME, facts.longestName);
  return (
    <>
      <Legend facts={facts} />
      <section
        className="fall"
        aria-label="Waterfall"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long boot scrolls, and a keyboard must be able to.
        tabIndex={0}
        style={{ '--fall-name': `${name + 2}ch` } as React.CSSProperties}
      >
        <div className="fall-axis" aria-hidden>
          {TICKS.map((share) => (
            <span key={share}>{tick(totalMs, share)}</span>
          ))}
        </div>
        <div ref={above} className="fall-room" style={{ height: before }} />
        {shown.flatMap((index) => {
          const row = fall[index];
          return row ? <Row key={row.service} row={row} totalMs={totalMs} /> : [];
        })}
        <div className="fall-room" style={{ height: after }} />
        {span.endedAt === undefined && <Future span={span} lastEndMs={lastEndMs} totalMs={totalMs} />}
      </section>
    </>
  );
}

interface FutureProps {
  readonly span: FallSpan;
  readonly lastEndMs: number;
  readonly totalMs: number;
}

/** Covers what has not come yet: what lasts is drawn to the right edge below it, and from frame to frame only this gives way. */
function Future({ span, lastEndMs, totalMs }: FutureProps) {
  // The window's clock ticks a few times a second: a step can have ended after its last tick.
  const nowMs = useElapsed(span, (ms) => Math.max(ms, lastEndMs));
  const left = Math.min(1, nowMs / totalMs);
  if (left === 1) return null;
  // Cut, not moved: nothing of the page is laid out for that.
  return <div className="fall-future" style={{ clipPath: `inset(0 0 0 ${left * 100}%)` }} />;
}

interface Place {
  /** What scrolls. */
  readonly page: HTMLElement;
  /** Pixels of what stands in it above the rows. */
  readonly margin: number;
}

/** Which rows are on screen, and the room of those above and below. */
function useShown(count: number, above: React.RefObject<HTMLDivElement | null>) {
  const [place, setPlace] = useState<Place>();
  useEffect(() => {
    const page = above.current?.closest<HTMLElement>('.page');
    if (!page) return;
    // Not at every drawing: what stands above changes by a line or two, and more rows than that are drawn beyond the edges.
    const resized = new ResizeObserver(() => {
      if (above.current) setPlace({ page, margin: marginOf(above.current, page) });
    });
    resized.observe(page);
    return () => resized.disconnect();
  }, [above]);
  const virtual = useVirtualizer({
    count,
    // Only when it has been laid out anyway: to ask before would have all of it laid out within the task that has just made the rows.
    getScrollElement: () => place?.page ?? null,
    estimateSize: () => ROW_PX,
    overscan: BEYOND,
    scrollMargin: place?.margin ?? 0,
    // Before the page has been measured: what is drawn in the first place need not be drawn twice.
    initialRect: { width: window.innerWidth, height: window.innerHeight },
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1];
  return {
    shown: items.map(({ index }) => index),
    before: first * ROW_PX,
    after: (count - last - 1) * ROW_PX,
  };
}

function marginOf(rows: HTMLElement, page: HTMLElement): number {
  return Math.round(rows.getBoundingClientRect().top - page.getBoundingClientRect().top + page.scrollTop);
}

function tick(totalMs: number, share: number): string {
  if (share === 0) return '0';
  const seconds = ((totalMs * share) / 1000).toFixed(totalMs < 10_000 ? 1 : 0);
  return share === 1 ? `${seconds} s` : seconds;
}

const Legend = memo(DrawnLegend);

function DrawnLegend({ facts }: { readonly facts: FallFacts }) {
  const { phases, hasPath, hasLog } = facts;
  return (
    <ul className="legend" aria-label="Legend">
      {PHASES.filter((phase) => phases.has(phase)).map((phase) => (
        <li key={phase}>
          <i className={`phase-${phase}`} />
          {PHASE_WORDS[phase]}
        </li>
      ))}
      {hasLog && (
        <li>
          <i className="first-log" />
          first log line
        </li>
      )}
      {hasPath && (
        <li>
          <i className="path" />
          critical path
        </li>
      )}
    </ul>
  );
}

interface RowProps {
  readonly row: FallRow;
  readonly totalMs: number;
}

const Row = memo(DrawnRow);

function DrawnRow({ row, totalMs }: RowProps) {
  const { service, note } = row;
  return (
    <div className="fall-row">
      <span className="fall-name cut" title={service}>
        {service}
      </span>
      <Bars row={row} totalMs={totalMs} />
      {typeof note === 'string' ? <Note words={note} /> : <NoteOfNow note={note} />}
    </div>
  );
}

/** A line is made anew with every change of its service, most of which its bars do not show. */
const Bars = memo(
  DrawnBars,
  (left, right) => left.totalMs === right.totalMs && sameBars(left.row, right.row),
);

function DrawnBars({ row, totalMs }: RowProps) {
  const { service, bars, path, firstLogMs } = row;
  const words = wordsOf(row);
  const at = (ms: number) => `${(ms / totalMs) * 100}%`;
  const place = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs?: number | undefined }) =>
    toMs === undefined ? { left: at(fromMs), right: 0 } : { left: at(fromMs), width: at(toMs - fromMs) };
  return (
    <div
      className="fall-bar fall-lines"
      role="img"
      aria-label={`${service}: ${words || 'ready'}`}
      title={words}
    >
      {bars.map((bar) => (
        <i key={`${bar.phase}:${bar.fromMs}`} className={`phase-${bar.phase}`} style={place(bar)} />
      ))}
      {firstLogMs !== undefined && <span className="first-log" style={{ left: at(firstLogMs) }} />}
      {path && <span className="path" style={place(path)} />}
    </div>
  );
}

function NoteOfNow({ note }: { readonly note: (now: number) => string }) {
  return <Note words={useKnown(note)} />;
}

function Note({ words }: { readonly words: string }) {
  return (
    <span className="fall-note cut" title={words}>
      {words}
    </span>
  );
}

/** What lasts has no length yet. */
function wordsOf({ bars, firstLogMs }: FallRow): string {
  const phases = bars
    .filter((bar) => bar.phase !== 'ready')
    .map(({ phase, fromMs, toMs }) =>
      toMs === undefined ? PHASE_WORDS[phase] : `${PHASE_WORDS[phase]} ${describeTook(toMs - fromMs)}`,
    );
  const said = firstLogMs === undefined ? [] : [`first log line after ${describeTook(firstLogMs)}`];
  return [...phases, ...said].join(', ');
}
