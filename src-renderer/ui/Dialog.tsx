import './dialog.css';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { keepForToasts } from './keepForToasts.ts';
import { useFocusReturn } from './useFocusReturn.ts';

interface DialogProps {
  readonly title: string;
  /** Beside the title: what it is about, in a few words. */
  readonly about?: ReactNode;
  readonly onClose: () => void;
  readonly width?: 'normal' | 'wide';
  readonly flush?: boolean;
  /** Buttons, the one that does it last. */
  readonly end?: ReactNode;
  readonly children: ReactNode;
}

/** A question in front of everything. Escape and a click beside it close it; focus goes back where it was. */
export function Dialog({ title, about, onClose, width = 'normal', flush, end, children }: DialogProps) {
  const focus = useFocusReturn();
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="scrim" />
        <Radix.Content
          className={cx('dialog', width === 'wide' && 'wide')}
          aria-describedby={undefined}
          onInteractOutside={keepForToasts}
          {...focus}
        >
          <div className="dialog-top">
            <Radix.Title asChild>
              <h2>{title}</h2>
            </Radix.Title>
            {about && <span className="dim cut">{about}</span>}
          </div>
          <div className={cx('dialog-body', flush && 'flush')}>{children}</div>
          {end && <div className="dialog-end">{end}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
