import './toasts.css';
import { X } from 'lucide-react';
import { Button, IconButton } from './Button.tsx';
import { Dot, type Tone } from './Dot.tsx';

export interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

interface ToastsProps {
  readonly toasts: readonly Toast[];
  /** Pixels at the bottom of the window that are left free. */
  readonly abovePx: number;
  readonly onClose: (id: number) => void;
}

/** What happened elsewhere. Read out politely; failures stay until they are closed. */
export function Toasts({ toasts, abovePx, onClose }: ToastsProps) {
  return (
    <div className="toasts" style={{ marginBottom: abovePx }} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className="toast selectable">
          <Dot tone={toast.tone} />
          <b>{toast.title}</b>
          <IconButton icon={X} label="Close" onClick={() => onClose(toast.id)} />
          {toast.detail && <p>{toast.detail}</p>}
          {toast.action && (
            <p>
              <Button
                onClick={() => {
                  toast.action?.run();
                  onClose(toast.id);
                }}
              >
                {toast.action.label}
              </Button>
            </p>
          )}
        </div>
      ))}
    </div>
  );
}
