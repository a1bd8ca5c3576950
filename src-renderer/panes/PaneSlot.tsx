import { ArrowDown } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { Button } from '#ui/Button.tsx';
import { LogBar } from './LogBar.tsx';
import { LogDetail } from './LogDetail.tsx';
import { LogFind } from './LogFind.tsx';
import { LogTime } from './LogTime.tsx';
import { isFiltering } from './logFilters.ts';
import type { LogPane } from './logPane.ts';
import type { LivePane } from './paneHost.ts';

/** Where a pane is on the page while one looks at it. */
export function PaneSlot({ live }: { readonly live: LivePane }) {
  const slot = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = slot.current;
    if (!parent) return;
    void live.pane.show(parent).then(() => {
      if (live.type === 'terminal') live.pane.focus();
    });
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => live.pane.fit());
    });
    observer.observe(parent);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      live.pane.hide();
    };
  }, [live]);
  return (
    <>
      {live.type === 'logs' && <LogBar pane={live.pane} />}
      <div className="dock-stage">
        <div ref={slot} className="dock-slot" />
        {live.type === 'logs' && <LogNotes pane={live.pane} />}
      </div>
      {live.type === 'logs' && <LogEnd pane={live.pane} />}
    </>
  );
}

function LogNotes({ pane }: { readonly pane: LogPane }) {
  const { waiting, follow, empty, ended, filter, detail, current, asksTime } = useStore(pane.state);
  const find = useStore(pane.finder.state);
  const nothing = isFiltering(find, filter) ? 'No stored line passes the filter.' : 'Nothing was logged yet.';
  return (
    <>
      {find.open && <LogFind pane={pane} />}
      {asksTime && <LogTime pane={pane} />}
      {detail && current && <LogDetail key={current.id} pane={pane} line={current} />}
      {empty && <div className="dock-empty">{ended ?? nothing}</div>}
      {!follow && (
        <div className="dock-note">
          <Button icon={ArrowDown} onClick={() => followOn(pane)}>
            {waiting > 0
              ? `${waiting.toLocaleString('en')} new ${waiting === 1 ? 'line' : 'lines'}`
              : 'Follow'}
          </Button>
        </div>
      )}
    </>
  );
}

/** The button is gone then: one reads on in the lines, where the keys of the log are. */
function followOn(pane: LogPane): void {
  pane.setFollow(true);
  pane.focus();
}

/** Why no more lines come, below those that are there. Without any it stands in their place. */
function LogEnd({ pane }: { readonly pane: LogPane }) {
  const { ended, empty } = useStore(pane.state);
  return (
    <p className="dock-end" role="status">
      {empty ? undefined : ended}
    </p>
  );
}
