import { useView, useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';

/** Asks before something that cannot simply be undone: what goes, and how to get it back. */
export function ConfirmDialog() {
  const { view } = useWindow();
  const question = useView((state) => state.question);
  if (!question) return null;
  const close = () => view.setState({ question: undefined });
  const run = () => {
    close();
    question.run();
  };
  return (
    <Dialog
      title={question.title}
      onClose={close}
      end={
        <>
          <span className="space" />
          <Button emphasis="quiet" onClick={close}>
            Cancel
          </Button>
          <Button emphasis={question.look ?? 'primary'} onClick={run}>
            {question.action}
          </Button>
        </>
      }
    >
      <p>{question.body}</p>
      {question.list && (
        <ul className="confirm-list">
          {question.list.map((entry) => (
            <li key={entry} className="mono">
              {entry}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
