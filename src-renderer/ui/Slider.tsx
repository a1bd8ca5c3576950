import './slider.css';
import { Slider as Base } from 'radix-ui';
import { useState } from 'react';

interface SliderProps {
  readonly label: string;
  /** What each place means, left to right. */
  readonly words: readonly string[];
  readonly at: number;
  readonly onChoose: (at: number) => void;
}

/** Chooses one of some places, by mouse and by arrow keys. Only where it is let go counts. */
export function Slider({ label, words, at, onChoose }: SliderProps) {
  const [moved, move] = useState<number>();
  const shown = moved ?? at;
  return (
    <span className="slider-line">
      <Base.Root
        className="slider"
        min={0}
        max={words.length - 1}
        value={[shown]}
        onValueChange={([next = 0]) => move(next)}
        onValueCommit={([next = 0]) => {
          move(undefined);
          if (next !== at) onChoose(next);
        }}
      >
        <Base.Track className="slider-track">
          <Base.Range className="slider-range" />
        </Base.Track>
        <Base.Thumb className="slider-thumb" aria-label={label} aria-valuetext={words[shown]} />
      </Base.Root>
      <span className="slider-words">{words[shown]}</span>
    </span>
  );
}
