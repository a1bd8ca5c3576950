import './dialogs.css';
import { useEffect, useState } from 'react';
import { attempt } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';

type Missing = Awaited<ReturnType<ReturnType<typeof useWindow>['client']['project']['missingVariables']>>;

/** Asks for the variables that the files need and nobody set, and appends the answers to .env. */
export function VariablesDialog({ workspace, onClose }: DialogProps) {
  const model = useWindow();
  const [missing, setMissing] = useState<Missing>();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  useEffect(() => {
    void attempt(model, 'Reading the variables', model.client.project.missingVariables({ workspace })).then(
      (found) => {
        if (!found) return;
        setMissing(found);
        setValues(Object.fromEntries(found.variables.map((entry) => [entry.name, entry.example ?? ''])));
      },
    );
  }, [model, workspace]);
  const [saving, setSaving] = useState(false);
  const save = async () => {
    setSaving(true);
    const request = model.client.project.setVariables({ workspace, values: { ...values } });
    // What was typed is lost with the dialog: it stays where nothing was written.
    await attempt(model, 'Writing .env', request.then(onClose));
    setSaving(false);
  };
  return (
    <Dialog
      title="Variables"
      about="that the files need and nobody set"
      onClose={onClose}
      end={
        <>
          <span className="dim">Appended to .env; what is there stays.</span>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button emphasis="primary" disabled={missing === undefined || saving} onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      {missing?.exampleFile && <p className="dim">Filled in from {missing.exampleFile}.</p>}
      <div className="variables">
        {missing?.variables.map((entry) => (
          <div key={entry.name} style={{ display: 'contents' }}>
            <span className="mono">{entry.name}</span>
            <Field
              label={entry.name}
              value={values[entry.name] ?? ''}
              onChange={(event) => setValues({ ...values, [entry.name]: event.target.value })}
            />
            {entry.message && <small>{entry.message}</small>}
          </div>
        ))}
      </div>
    </Dialog>
  );
}
