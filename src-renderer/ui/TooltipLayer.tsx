import './tooltip.css';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Key } from './Key.tsx';

/** Long enough not to flicker while the pointer crosses a row of buttons. */
const DELAY_MS = 450;
const GAP_PX = 6;

interface Tip {
  readonly text: string;
  readonly keys: string | undefined;
  readonly anchor: DOMRect;
}

/**
 * One tooltip for the whole window, for any element with `data-tip`: two hundred rows of buttons cost nothing.
 * The name itself is on the element (`aria-label`), so this is for eyes only.
 */
export function TooltipLayer() {
  const [tip, setTip] = useState<Tip>();
  useEffect(() => listen(setTip), []);
  return tip ? <Bubble tip={tip} /> : null;
}

function Bubble({ tip }: { readonly tip: Tip }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (box.current) place(box.current, tip.anchor);
  }, [tip]);
  return (
    <div ref={box} className="tooltip" aria-hidden>
      {tip.text}
      {tip.keys && <Key of={tip.keys} />}
    </div>
  );
}

function place(box: HTMLElement, anchor: DOMRect): void {
  const { width, height } = box.getBoundingClientRect();
  const below = anchor.bottom + GAP_PX;
  const fits = below + height < window.innerHeight;
  const left = anchor.left + anchor.width / 2 - width / 2;
  box.style.top = `${fits ? below : anchor.top - GAP_PX - height}px`;
  box.style.left = `${Math.max(GAP_PX, Math.min(left, window.innerWidth - width - GAP_PX))}px`;
}

function listen(show: (tip: Tip | undefined) => void): () => void {
  let timer = 0;
  const hide = () => {
    clearTimeout(timer);
    show(undefined);
  };
  const over = (event: Event) => {
    const target = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
    hide();
    if (!(target instanceof HTMLElement)) return;
    if (event.type === 'focusin' && !target.matches(':focus-visible')) return;
    timer = window.setTimeout(() => show(tipOf(target)), DELAY_MS);
  };
  const ends = ['pointerdown', 'keydown', 'scroll', 'focusout'];
  document.addEventListener('pointerover', over);
  document.addEventListener('focusin', over);
  for (const end of ends) document.addEventListener(end, hide, true);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('pointerover', over);
    document.removeEventListener('focusin', over);
    for (const end of ends) document.removeEventListener(end, hide, true);
  };
}

function tipOf(target: HTMLElement): Tip | undefined {
  const text = target.dataset['tip'];
  if (!text || !target.isConnected) return undefined;
  return { text, keys: target.dataset['tipKeys'], anchor: target.getBoundingClientRect() };
}
