import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { describeTook } from '#contract/describe.ts';
import { cx } from '#ui/cx.ts';
import { type Fall, type FallRow, PHASE_WORDS, PHASES } from './phases.ts';

/** As `.fall-bar` is high. */
const ROW_PX = 34;
/** Rows drawn beyond the edges. */
const BEYOND = 8;
/** Of a name; a longer one is cut. */
const LONGEST_NAME = 28;

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Where the time of a boot went: one line a service, the critical path in a frame. */
export function Waterfall({ fall }: { readonly fall: Fall }) {
  const above = useRef<HTMLDivElement>(null);
  const { shown, before, after } = useShown(fall.rows.length, above);
  const name = Math.min(LONGEST_NAME, Math.max(...fall.rows.map(({ service }) => service.length)));
  return (
    <>
      <Legend fall={fall} />
      <section
        className="fall"
        aria-label="Waterfall"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long boot scrolls, and a keyboard must be able to.
        tabIndex={0}
        style={{ '--fall-name': `${name + 2}ch` } as React.CSSProperties}
      >
        <div className="fall-axis" aria-hidden>
          {TICKS.map((share) => (
            <span key={share}>{tick(fall.totalMs, share)}</span>
          ))}
        </div>
        <div ref={above} className="fall-room" style={{ height: before }} />
        {shown.flatMap((index) => {
          const row = fall.rows[index];
          return row ? <Row key={row.service} row={row} totalMs={fall.totalMs} /> : [];
        })}
        <div className="fall-room" style={{ height: after }} />
      </section>
    </>
  );
}

/** Which rows are on screen, and the room of those above and below: a boot of hundreds of services is drawn five times a second. */
function useShown(count: number, above: React.RefObject<HTMLDivElement | null>) {
  const scroller = () => above.current?.closest<HTMLElement>('.page') ?? null;
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const page = scroller();
    if (!page || !above.current) return;
    const top = above.current.getBoundingClientRect().top - page.getBoundingClientRect().top;
    setMargin(Math.round(top + page.scrollTop));
  });
  const virtual = useVirtualizer({
    count,
    getScrollElement: scroller,
    estimateSize: () => ROW_PX,
    overscan: BEYOND,
    scrollMargin: margin,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1];
  return {
    shown: items.map(({ index }) => index),
    before: first * ROW_PX,
    after: (count - last - 1) * ROW_PX,
  };
}

function tick(totalMs: number, share: number): string {
  if (share === 0) return '0';
  const seconds = ((totalMs * share) / 1000).toFixed(totalMs < 10_000 ? 1 : 0);
  return share === 1 ? `${seconds} s` : seconds;
}

function Legend({ fall }: { readonly fall: Fall }) {
  const shown = new Set(fall.rows.flatMap((row) => row.bars.map((bar) => bar.phase)));
  const hasPath = fall.rows.some((row) => row.path);
  const hasLog = fall.rows.some((row) => isWithin(row, fall.totalMs));
  return (
    <ul className="legend" aria-label="Legend">
      {PHASES.filter((phase) => shown.has(phase)).map((phase) => (
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

/** A line that came after the boot had ended is no part of the picture. */
function isWithin({ firstLogMs }: FallRow, totalMs: number): boolean {
  return firstLogMs !== undefined && firstLogMs <= totalMs;
}

function Row({ row, totalMs }: { readonly row: FallRow; readonly totalMs: number }) {
  const at = (fromMs: number, toMs: number) => ({
    left: `${(fromMs / totalMs) * 100}%`,
    width: `${((toMs - fromMs) / totalMs) * 100}%`,
  });
  const phases = row.bars
    .filter((bar) => bar.phase !== 'ready')
    .map((bar) => `${PHASE_WORDS[bar.phase]} ${describeTook(bar.toMs - bar.fromMs)}`);
  const firstLog = isWithin(row, totalMs) ? (row.firstLogMs ?? 0) : undefined;
  const said = firstLog === undefined ? [] : [`first log line after ${describeTook(firstLog)}`];
  const words = [...phases, ...said].join(', ');
  return (
    <div className="fall-row">
      <span className="fall-name cut" title={row.service}>
        {row.service}
      </span>
      <div className="fall-bar" role="img" aria-label={`${row.service}: ${words || 'ready'}`} title={words}>
        {row.bars.map((bar) => (
          <i
            key={`${bar.phase}:${bar.fromMs}`}
            className={`phase-${bar.phase}`}
            style={at(bar.fromMs, bar.toMs)}
          />
        ))}
        {firstLog !== undefined && <span className="first-log" style={{ left: at(firstLog, 0).left }} />}
        {row.path && <span className="path" style={at(row.path.fromMs, row.path.toMs)} />}
      </div>
      <span className={cx('fall-note cut')} title={row.note}>
        {row.note}
      </span>
    </div>
  );
}
