import { Clock, X } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { IconButton } from '#ui/Button.tsx';
import { Field } from '#ui/Field.tsx';
import type { LogPane } from './logPane.ts';
import { parseInstant } from './parseInstant.ts';

/** Asks for a time and goes there. */
export function LogTime({ pane }: { readonly pane: LogPane }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const go = (event: FormEvent) => {
    event.preventDefault();
    const timeMs = parseInstant(text, Date.now());
    setWrong(timeMs === undefined);
    if (timeMs === undefined) return;
    pane.askTime(false);
    void pane.place.showInstant(timeMs, 'behind');
  };
  return (
    <form
      className="log-time"
      aria-label="Go to a time"
      onSubmit={go}
      onKeyDown={(event) => event.key === 'Escape' && pane.askTime(false)}
    >
      <Field
        ref={input}
        icon={Clock}
        label="14:02, 2026-11-20 14:02, or 10m ago"
        value={text}
        aria-invalid={wrong}
        onChange={(event) => setText(event.target.value)}
        end={<IconButton icon={X} label="Close" onClick={() => pane.askTime(false)} />}
      />
      {wrong && (
        <p className="tone-fail" role="alert">
          Type a time like 14:02, 14:02:11.5, 2026-11-20 14:02, or 10m for ten minutes ago.
        </p>
      )}
    </form>
  );
}
