import './terminals.css';
import { Terminal } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { showPane } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';

/** A shell of one's own choice: which program, as whom, and where it begins. */
export function ShellDialog({ workspace, service, onClose }: DialogProps) {
  const model = useWindow();
  const [shell, setShell] = useState('');
  const [user, setUser] = useState('');
  const [workingDir, setWorkingDir] = useState('');
  if (!service) return null;
  const open = (event?: FormEvent) => {
    event?.preventDefault();
    const start = { shell: given(shell), user: given(user), workingDir: given(workingDir) };
    onClose();
    showPane(model, workspace, { type: 'terminal', service, kind: 'shell', start });
  };
  return (
    <Dialog
      title={`Shell in ${service}`}
      onClose={onClose}
      end={
        <>
          <span className="space" />
          <Button onClick={onClose}>Cancel</Button>
          <Button emphasis="primary" icon={Terminal} onClick={() => open()}>
            Open
          </Button>
        </>
      }
    >
      <form className="shell-ask" onSubmit={open}>
        <Field
          label="Shell: the best there is, or e.g. /bin/zsh"
          autoFocus
          value={shell}
          onChange={(event) => setShell(event.target.value)}
        />
        <Field
          label="User: the service's own, or e.g. root"
          value={user}
          onChange={(event) => setUser(event.target.value)}
        />
        <Field
          label="Directory: the service's own, or e.g. /tmp"
          value={workingDir}
          onChange={(event) => setWorkingDir(event.target.value)}
        />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function given(text: string): string | undefined {
  return text.trim() === '' ? undefined : text.trim();
}
