import './data.css';
import { useState } from 'react';
import { attempt } from '#state/actions.ts';
import { useServer, useServerShallow, useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { selectServices, selectSettings } from '#state/selectors.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';

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

export function ImportCheckpointDialog({ workspace, onClose }: DialogProps) {
  const model = useWindow();
  const [file, setFile] = useState('');
  const run = () => {
    if (file.trim() === '') return;
    const request = model.client.data.importCheckpoint({ workspace, file: file.trim() });
    void attempt(model, 'Import', request).then(onClose);
  };
  return (
    <Dialog
      title="Import a checkpoint"
      onClose={onClose}
      end={<Ends action="Import" onClose={onClose} onRun={run} />}
    >
      <form className="data-form" onSubmit={submitting(run)}>
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
  readonly onClose: () => void;
  readonly onRun: () => void;
}

function Ends({ action, onClose, onRun }: EndsProps) {
  return (
    <>
      <span className="space" />
      <Button emphasis="quiet" onClick={onClose}>
        Cancel
      </Button>
      <Button emphasis="primary" onClick={onRun}>
        {action}
      </Button>
    </>
  );
}
