import './dialogs.css';
import { Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { describeError } from '#contract/describe.ts';
import { toAppError } from '#contract/errors.ts';
import { useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';

interface TextDialogProps {
  readonly title: string;
  readonly about?: string;
  /** Asked once, when the dialog opens. */
  readonly load: (signal: AbortSignal) => Promise<string>;
  readonly onClose: () => void;
}

/** A text from the core to read and copy. */
export function TextDialog({ title, about, load, onClose }: TextDialogProps) {
  const { notices } = useWindow();
  const [text, setText] = useState<string>();
  const [first] = useState(() => load);
  useEffect(() => {
    const abort = new AbortController();
    first(abort.signal).then(
      (loaded) => !abort.signal.aborted && setText(loaded),
      (thrown: unknown) => !abort.signal.aborted && setText(describeError(toAppError(thrown))),
    );
    return () => abort.abort();
  }, [first]);
  const copy = () => {
    navigator.clipboard.writeText(text ?? '').then(
      () => notices.add({ tone: 'ok', title: 'Copied' }),
      (thrown: unknown) => notices.failed('Copying', thrown),
    );
  };
  return (
    <Dialog
      title={title}
      about={about}
      width="wide"
      flush
      onClose={onClose}
      end={
        <>
          <Button icon={Copy} disabled={text === undefined} onClick={copy}>
            Copy
          </Button>
          <span className="space" />
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls, and a keyboard must be able to. */}
      <pre className="dialog-text" tabIndex={0} aria-busy={text === undefined}>
        {text ?? 'Reading…'}
      </pre>
    </Dialog>
  );
}
