import './production.css';
import { useState } from 'react';
import { describeError } from '#contract/describe.ts';
import { type AppError, toAppError } from '#contract/errors.ts';
import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';
import { Field } from '#ui/Field.tsx';

/** Logs in the way docker does: other tools on this machine are logged in then, too. */
export function LoginDialog({ input, onClose }: DialogProps) {
  const registry = input?.['registry'] ?? 'docker.io';
  const model = useWindow();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<AppError>();
  const send = () => {
    setBusy(true);
    setFailure(undefined);
    model.client.production.login({ registry, username, password }).then(
      ({ keptIn, inClear }) => {
        const where = inClear
          ? `in clear in ${keptIn}, as docker login does without a store`
          : `by ${keptIn}`;
        model.notices.add({
          tone: 'ok',
          title: `Logged in to ${registry}`,
          detail: `The password is kept ${where}.`,
        });
        onClose();
      },
      (thrown: unknown) => {
        setBusy(false);
        setFailure(toAppError(thrown));
      },
    );
  };
  const ready = username !== '' && password !== '' && !busy;
  return (
    <Dialog
      title={`Log in to ${registry}`}
      onClose={onClose}
      end={
        <>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button emphasis="primary" disabled={!ready} onClick={send}>
            {busy ? 'Asking…' : 'Log in'}
          </Button>
        </>
      }
    >
      <form
        className="login"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) send();
        }}
      >
        <Field
          label="User name"
          value={username}
          autoFocus
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <Field
          label="Password or access token"
          type="password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {/* Enter sends a form only where it has a button of its own. */}
        <button type="submit" hidden disabled={!ready} />
        {failure && <ErrorCard title="Not logged in">{<p>{describeError(failure)}</p>}</ErrorCard>}
      </form>
    </Dialog>
  );
}
