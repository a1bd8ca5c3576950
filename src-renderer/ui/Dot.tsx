import './dot.css';
import { cx } from './cx.ts';

export type Tone = 'ok' | 'wait' | 'fail' | 'off' | 'done';

interface DotProps {
  readonly tone: Tone;
  readonly turning?: boolean;
}

/** State as colour and shape: filled, half, ring. Words always stand beside it. */
export function Dot({ tone, turning }: DotProps) {
  const shape = tone === 'wait' ? 'half' : tone === 'off' || tone === 'done' ? 'ring' : undefined;
  return <span aria-hidden className={cx('dot', shape, `tone-${tone}`, turning && 'turning')} />;
}
