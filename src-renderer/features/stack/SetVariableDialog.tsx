import './dialogs.css';
import { useState } from 'react';
import { attempt } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';

/** Asks for the one setting that a failed service wants, and boots what is left. */
export function SetVariableDialog({ workspace, service, input, onClose }: DialogProps) {
  const model = useWindow();
  const [value, setValue] = useState('');
  const name = input?.['name'] ?? '';
  const send = () => {
    const request = {
      workspace,
      service: service ?? '',
      fix: input?.['fix'] ?? '',
      values: { [name]: value },
    };
    void attempt(model, `Setting ${name}`, model.client.stack.fix(request));
    onClose();
  };
  return (
    <Dialog
      title={`Set ${name}`}
      about={service}
      onClose={onClose}
      end={
        <>
          <span className="dim">Into .env where the file reads it, else into Slipway's override.</span>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button emphasis="primary" disabled={value === ''} onClick={send}>
            Set and retry
          </Button>
        </>
      }
    >
      <form
        className="variables"
        onSubmit={(event) => {
          event.preventDefault();
          if (value !== '') send();
        }}
      >
        <span className="mono">{name}</span>
        <Field
          label={name}
          value={value}
          autoFocus
          onChange={(event) => setValue(event.currentTarget.value)}
        />
        <button type="submit" hidden disabled={value === ''} />
      </form>
    </Dialog>
  );
}
