import { Eraser, Search, Undo2 } from 'lucide-react';
import { useStore } from 'zustand';
import { IconButton, TextToggle } from '#ui/Button.tsx';
import type { TimeShown } from './lineFormat.ts';
import { isFiltering } from './logFilters.ts';
import type { LogPane } from './logPane.ts';

const NEXT_TIME: Readonly<Record<TimeShown, TimeShown>> = { absolute: 'boot', boot: 'off', off: 'absolute' };
const TIME_WORDS: Readonly<Record<TimeShown, string>> = {
  absolute: 'time of day',
  boot: 'time since the last run',
  off: 'no time',
};

/** What can be done with a log pane: search, follow, time, wrap, clear. */
export function LogTools({ pane }: { readonly pane: LogPane }) {
  const { follow, time, wrap, filter, cleared } = useStore(pane.state);
  const find = useStore(pane.finder.state);
  return (
    <>
      <IconButton
        icon={Search}
        label="Search in this pane"
        keys="mod+f"
        aria-pressed={find.open}
        onClick={() => (find.open ? pane.finder.close() : pane.finder.open())}
      />
      {isFiltering(find, filter) && (
        <TextToggle on data-tip="Shows every line again" onClick={() => pane.clearFilter()}>
          filtered
        </TextToggle>
      )}
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
