import { ArrowDown, ArrowUp, Eraser, Search, Undo2, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { IconButton, TextToggle } from '#ui/Button.tsx';
import { Field } from '#ui/Field.tsx';
import type { TimeShown } from './lineFormat.ts';
import type { LogPane } from './logPane.ts';

const NEXT_TIME: Readonly<Record<TimeShown, TimeShown>> = { absolute: 'boot', boot: 'off', off: 'absolute' };
const TIME_WORDS: Readonly<Record<TimeShown, string>> = {
  absolute: 'time of day',
  boot: 'time since the last run',
  off: 'no time',
};

/** What can be done with a log pane: search, follow, time, wrap, clear. */
export function LogTools({ pane }: { readonly pane: LogPane }) {
  const { follow, time, wrap, search, cleared } = useStore(pane.state);
  return (
    <>
      <IconButton
        icon={Search}
        label="Search in this pane"
        keys="mod+f"
        aria-pressed={search !== undefined}
        onClick={() => pane.search(search === undefined ? '' : undefined)}
      />
      <TextToggle on={follow} onClick={() => pane.setFollow(!follow)}>
        follow
      </TextToggle>
      <TextToggle
        on={time !== 'off'}
        data-tip={`Shows the ${TIME_WORDS[time]}`}
        onClick={() => pane.setTime(NEXT_TIME[time])}
      >
        {time === 'boot' ? 'since run' : 'time'}
      </TextToggle>
      <TextToggle on={wrap} onClick={() => pane.setWrap(!wrap)}>
        wrap
      </TextToggle>
      {cleared ? (
        <IconButton icon={Undo2} label="Bring back what was cleared" onClick={() => pane.undoClear()} />
      ) : (
        <IconButton icon={Eraser} label="Clear" onClick={() => pane.clear()} />
      )}
    </>
  );
}

/** The search box over a log pane. */
export function LogSearch({ pane }: { readonly pane: LogPane }) {
  const search = useStore(pane.state, (state) => state.search);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  if (!search) return null;
  const close = () => {
    pane.search(undefined);
    pane.focus();
  };
  return (
    <search className="dock-search">
      <Field
        ref={input}
        icon={Search}
        label="Search"
        value={search.text}
        onChange={(event) => pane.search(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') pane.search(search.text, event.shiftKey ? 'previous' : 'next');
          if (event.key === 'Escape') close();
        }}
      />
      <span className="count" role="status">
        {search.text === '' ? '' : search.count === 0 ? 'none' : `${search.at || '–'} of ${search.count}`}
      </span>
      <IconButton
        icon={ArrowUp}
        label="Previous match"
        onClick={() => pane.search(search.text, 'previous')}
      />
      <IconButton icon={ArrowDown} label="Next match" onClick={() => pane.search(search.text, 'next')} />
      <IconButton icon={X} label="Close the search" onClick={close} />
    </search>
  );
}
