import './data.css';
import { useState } from 'react';
import { useStore } from 'zustand';
import { attempt } from '#state/actions.ts';
import { useServer, useServerShallow, useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { selectServices, selectSettings } from '#state/selectors.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { importsOf } from './imports.ts';

/** A name, and what happens while it is taken. */
export function TakeCheckpointDialog({ workspace, service, onClose }: DialogProps) {
  const model = useWindow();
  const services = useServerShallow((state) => selectServices(state, workspace));
  const [name, setName] = useState('');
  const [seed, setSeed] = useState(false);
  const run = () => {
    const input = {
      workspace,
      seed,
      ...(name.trim() && { name: name.trim() }),
      ...(service && { services: [service] }),
    };
    void attempt(model, 'Checkpoint', model.client.data.checkpoint(input));
    onClose();
  };
  const running = services.some(({ status }) => status.type === 'running');
  return (
    <Dialog
      title="Take a checkpoint"
      about={service ?? 'of the whole stack'}
      onClose={onClose}
      end={<Ends action="Take it" onClose={onClose} onRun={run} />}
    >
      <form className="data-form" onSubmit={submitting(run)}>
        <Field label="Name" value={name} autoFocus onChange={(event) => setName(event.currentTarget.value)} />
        <label className="data-check">
          <input type="checkbox" checked={seed} onChange={(event) => setSeed(event.currentTarget.checked)} />
          Services can be reset to it
        </label>
        <p className="dim">
          {running
            ? 'What writes to the volumes is stopped while they are copied, so that all of them show one moment, and started again.'
            : 'All volumes are copied as they are.'}
        </p>
      </form>
    </Dialog>
  );
}

/** Where to: one file that a colleague can import. */
export function ExportCheckpointDialog({ workspace, input, onClose }: DialogProps) {
  const model = useWindow();
  const home = useServer((state) => selectSettings(state)?.home) ?? '';
  const name = input?.['name'] ?? 'checkpoint';
  const [file, setFile] = useState(`${home}/${name.replace(/[^\w.-]+/g, '-')}.slipway`);
  const run = () => {
    const checkpoint = input?.['checkpoint'] ?? '';
    void attempt(model, 'Export', model.client.data.exportCheckpoint({ workspace, checkpoint, file }));
    onClose();
  };
  return (
    <Dialog
      title={`Export ${name}`}
      onClose={onClose}
      end={<Ends action="Export" onClose={onClose} onRun={run} />}
    >
      <form className="data-form" onSubmit={submitting(run)}>
        <Field label="File" value={file} autoFocus onChange={(event) => setFile(event.currentTarget.value)} />
        <p className="dim">
          The file holds the data itself: give it only to those who may see that. Passwords of the compose
          file are not in it.
        </p>
      </form>
    </Dialog>
  );
}

/** Which file. Stays until it is taken in, so that a mistyped path can be mended; one may close it and the import goes on. */
export function ImportCheckpointDialog({ workspace, onClose }: DialogProps) {
  const model = useWindow();
  const imports = importsOf(model);
  const busy = useStore(imports.store, ({ running }) => running.includes(workspace));
  const [file, setFile] = useState('');
  const run = async () => {
    if (file.trim() === '') return;
    const taken = await imports.take(workspace, file.trim());
    // Meanwhile it may have been closed, and another be there.
    if (taken && model.view.getState().dialog?.id === 'importCheckpoint') onClose();
  };
  return (
    <Dialog
      title="Import a checkpoint"
      onClose={onClose}
      end={
        <Ends
          action={busy ? 'Importing…' : 'Import'}
          busy={busy}
          onClose={onClose}
          onRun={() => void run()}
        />
      }
    >
      <form className="data-form" onSubmit={submitting(() => void run())}>
        <Field
          label="File, with its whole path"
          value={file}
          autoFocus
          onChange={(event) => setFile(event.currentTarget.value)}
        />
        <p className="dim">It is only taken in. What it holds is used when you restore it.</p>
      </form>
    </Dialog>
  );
}

function submitting(run: () => void) {
  return (event: { preventDefault(): void }) => {
    event.preventDefault();
    run();
  };
}

interface EndsProps {
  readonly action: string;
  readonly busy?: boolean;
  readonly onClose: () => void;
  readonly onRun: () => void;
}

function Ends({ action, busy = false, onClose, onRun }: EndsProps) {
  return (
    <>
      <span className="space" />
      <Button emphasis="quiet" onClick={onClose}>
        {busy ? 'Close' : 'Cancel'}
      </Button>
      <Button emphasis="primary" disabled={busy} onClick={onRun}>
        {action}
      </Button>
    </>
  );
}
