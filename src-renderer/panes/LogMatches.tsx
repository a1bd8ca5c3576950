import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import type { StoredLine } from '#contract/requests/logs.ts';
import { cx } from '#ui/cx.ts';
import { momentText } from './logFilters.ts';
import type { LogFinder } from './logFinder.ts';
import { plainText } from './plainText.ts';

const ROW_PX = 22;

interface LogMatchesProps {
  readonly finder: LogFinder;
  readonly shownSource: (source: string) => string;
}

/** All matches, the newest first; a click shows one where it stands. */
export function LogMatches({ finder, shownSource }: LogMatchesProps) {
  const hits = useStore(finder.state, (state) => state.hits);
  const at = useStore(finder.state, (state) => state.at);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: hits.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const index = hits.findIndex(({ id }) => id === at);
  useEffect(() => {
    if (index >= 0) virtual.scrollToIndex(index);
  }, [virtual, index]);
  return (
    <div ref={scroller} className="log-matches">
      <ul style={{ height: virtual.getTotalSize() }} aria-label="Matches">
        {virtual.getVirtualItems().map((item) => {
          const hit = hits[item.index];
          return (
            hit && (
              <li key={hit.id} style={{ translate: `0 ${item.start}px` }}>
                <Match
                  hit={hit}
                  source={shownSource(hit.source)}
                  current={hit.id === at}
                  onClick={() => finder.show(item.index)}
                />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

interface MatchProps {
  readonly hit: StoredLine;
  readonly source: string;
  readonly current: boolean;
  readonly onClick: () => void;
}

function Match({ hit, source, current, onClick }: MatchProps) {
  return (
    <button
      type="button"
      className={cx('log-match', current && 'current')}
      aria-current={current}
      onClick={onClick}
    >
      <time>{momentText(hit.timeMs)}</time>
      <span className="dim cut">{source}</span>
      <span className="cut">{plainText(hit.text)}</span>
    </button>
  );
}
