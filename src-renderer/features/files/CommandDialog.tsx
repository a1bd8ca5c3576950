import './files.css';
import { Play } from 'lucide-react';
import { useState } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ExecOutcome } from '#contract/requests/terminal.ts';
import { attempt } from '#state/actions.ts';
import { useServerShallow, useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { selectServices } from '#state/selectors.ts';
import { Button, TextToggle } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';

/** One command, run in the chosen services all at once, and what each of them said. */
export function CommandDialog({ workspace, onClose }: DialogProps) {
  const { text, setText, chosen, toggle, running, outcomes, busy, run } = useCommand(workspace);
  const ready = text.trim() !== '' && chosen.length > 0 && !busy;
  return (
    <Dialog
      title="Run a command in many"
      about="with each service's own sh"
      width="wide"
      flush
      onClose={onClose}
      end={
        <>
          <span className="space" />
          <Button onClick={onClose}>Close</Button>
          <Button emphasis="primary" icon={Play} disabled={!ready} onClick={run}>
            {busy ? 'Running…' : `Run in ${chosen.length}`}
          </Button>
        </>
      }
    >
      <form
        className="command-ask"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) run();
        }}
      >
        <Field label="Command" autoFocus value={text} onChange={(event) => setText(event.target.value)} />
        <fieldset className="command-services" aria-label="Services">
          {running.length === 0 && <span className="dim">No service is running.</span>}
          {running.map((name) => (
            <TextToggle key={name} on={chosen.includes(name)} onClick={() => toggle(name)}>
              {name}
            </TextToggle>
          ))}
        </fieldset>
      </form>
      {outcomes && <Outcomes outcomes={outcomes} />}
    </Dialog>
  );
}

function useCommand(workspace: WorkspaceId) {
  const model = useWindow();
  const running = useServerShallow((state) =>
    selectServices(state, workspace)
      .filter(({ replicas }) => replicas.some((replica) => replica.state === 'running'))
      .map(({ name }) => name as string),
  );
  const [text, setText] = useState('');
  const [left, setLeft] = useState<readonly string[]>([]);
  const [outcomes, setOutcomes] = useState<readonly ExecOutcome[]>();
  const [busy, setBusy] = useState(false);
  const chosen = running.filter((name) => !left.includes(name));
  const toggle = (name: string) =>
    setLeft(left.includes(name) ? left.filter((entry) => entry !== name) : [...left, name]);
  const run = async () => {
    setBusy(true);
    const command = ['sh', '-c', text];
    const asked = model.client.terminal.execMany({ workspace, services: chosen, command });
    const answered = await attempt(model, 'The command', asked);
    setBusy(false);
    if (answered) setOutcomes(answered);
  };
  return { text, setText, chosen, toggle, running, outcomes, busy, run: () => void run() };
}

function Outcomes({ outcomes }: { readonly outcomes: readonly ExecOutcome[] }) {
  return (
    <table className="command-grid" aria-label="Results">
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col">Exit</th>
          <th scope="col">Output</th>
        </tr>
      </thead>
      <tbody>
        {outcomes.map(({ service, exitCode, output, truncated }) => (
          <tr key={service}>
            <th scope="row">{service}</th>
            <td className={exitCode === 0 ? 'tone-ok' : 'tone-fail'}>{exitCode}</td>
            <td>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long output scrolls, and a keyboard must be able to. */}
              <pre tabIndex={0}>{output.trimEnd() || '(no output)'}</pre>
              {truncated && <span className="dim">The rest was left out.</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
