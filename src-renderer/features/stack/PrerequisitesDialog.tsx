import './dialogs.css';
import { Check, FolderOpen, Play } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import type { Prerequisite, PrerequisiteFix } from '#contract/prerequisites.ts';
import { attempt, boot } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';

/** What a boot would count on and not find, each with the buttons that provide it; then the boot itself. */
export function PrerequisitesDialog({ workspace, onClose }: DialogProps) {
  const model = useWindow();
  const { missing, apply, working } = usePrerequisites(workspace);
  const blocked = missing === undefined || missing.some(({ weight }) => weight === 'stops');
  return (
    <Dialog
      title="Before the boot"
      about="what the files count on and is not there"
      onClose={onClose}
      end={
        <>
          <span className="dim">{blocked ? 'Nothing has been started or changed.' : ''}</span>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Close
          </Button>
          <Button
            emphasis="primary"
            icon={Play}
            disabled={blocked || working}
            onClick={() => {
              onClose();
              boot(model, workspace);
            }}
          >
            Boot
          </Button>
        </>
      }
    >
      {missing?.length === 0 && (
        <p role="status" className="prerequisites-done">
          <Check size={16} aria-hidden className="tone-ok" /> Everything is there.
        </p>
      )}
      <ul className="prerequisites" aria-label="Missing" aria-busy={working}>
        {missing?.map((entry) => (
          <Missing key={entry.id} entry={entry} working={working} apply={apply} />
        ))}
      </ul>
    </Dialog>
  );
}

type Apply = (entry: Prerequisite, fix: PrerequisiteFix, value?: string) => void;

function usePrerequisites(workspace: WorkspaceId) {
  const model = useWindow();
  const [missing, setMissing] = useState<readonly Prerequisite[]>();
  const [working, setWorking] = useState(false);
  const look = useCallback(async () => {
    const request = model.client.project.prerequisites({ workspace });
    const found = await attempt(model, 'Looking for what is missing', request);
    if (found) setMissing(found.missing);
  }, [model, workspace]);
  useEffect(() => void look(), [look]);
  const apply: Apply = (entry, fix, value) => {
    setWorking(true);
    const request = model.client.project.provide({
      workspace,
      id: entry.id,
      fix: fix.id,
      ...(value && { value }),
    });
    void attempt(model, fix.label, request)
      .then(look)
      .finally(() => setWorking(false));
  };
  return { missing, apply, working };
}

interface MissingProps {
  readonly entry: Prerequisite;
  readonly working: boolean;
  readonly apply: Apply;
}

function Missing({ entry, working, apply }: MissingProps) {
  const [asking, setAsking] = useState<PrerequisiteFix>();
  const [first] = entry.fixes;
  return (
    <li className="prerequisite">
      <b className="selectable">{entry.title}</b>
      {entry.services.length > 0 && <span className="dim">Needed by {entry.services.join(', ')}.</span>}
      {entry.detail && <span className="dim selectable">{entry.detail}</span>}
      <div className="card-actions">
        {entry.fixes.map((fix) => (
          <Button
            key={fix.id}
            emphasis={fix === first ? 'normal' : 'quiet'}
            disabled={working}
            aria-label={`${fix.label}: ${entry.title}`}
            onClick={() => (fix.asks === undefined ? apply(entry, fix) : setAsking(fix))}
          >
            {fix.label}
          </Button>
        ))}
      </div>
      {asking && <AskFolder working={working} onAnswer={(value) => apply(entry, asking, value)} />}
    </li>
  );
}

interface AskFolderProps {
  readonly working: boolean;
  readonly onAnswer: (folder: string) => void;
}

function AskFolder({ working, onAnswer }: AskFolderProps) {
  const model = useWindow();
  const [folder, setFolder] = useState('');
  const pick = async () => {
    const picked = await attempt(
      model,
      'Choosing a folder',
      model.bridge?.pickFolder() ?? Promise.resolve(undefined),
    );
    if (picked) setFolder(picked);
  };
  return (
    <form
      className="prerequisite-ask"
      onSubmit={(event) => {
        event.preventDefault();
        if (folder.trim() !== '') onAnswer(folder.trim());
      }}
    >
      <Field
        label="Folder, from the compose file on"
        value={folder}
        autoFocus
        onChange={(event) => setFolder(event.target.value)}
      />
      {model.bridge && (
        <Button icon={FolderOpen} aria-label="Browse for the folder" onClick={() => void pick()} />
      )}
      <Button type="submit" disabled={working || folder.trim() === ''}>
        Use it
      </Button>
    </form>
  );
}
