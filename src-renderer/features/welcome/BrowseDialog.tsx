import './welcome.css';
import { ArrowUp, Folder } from 'lucide-react';
import { useEffect, useState } from 'react';
import { describeError } from '#contract/describe.ts';
import { toAppError } from '#contract/errors.ts';
import { openFolder } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { Icon } from '#ui/Icon.tsx';

type Listing = Awaited<ReturnType<ReturnType<typeof useWindow>['client']['project']['browse']>>;

/** The folder dialog of a browser: the folders where the core runs, not where the browser does. */
export function BrowseDialog({ onClose }: { readonly onClose: () => void }) {
  const model = useWindow();
  const { listing, failure, go } = useListing();
  const [typed, setTyped] = useState<string>();
  const path = typed ?? listing?.path ?? '';
  const enter = (next: string) => {
    setTyped(undefined);
    go(next);
  };
  const open = (folder: string) => {
    onClose();
    void openFolder(model, folder);
  };
  return (
    <Dialog
      title="Open a folder"
      flush
      onClose={onClose}
      end={
        <>
          <span className="dim cut">{failure ?? 'A folder with a compose file'}</span>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button emphasis="primary" disabled={path === ''} onClick={() => open(path)}>
            Open
          </Button>
        </>
      }
    >
      <div className="browse">
        <form
          className="browse-path"
          onSubmit={(event) => {
            event.preventDefault();
            enter(path);
          }}
        >
          <Button
            icon={ArrowUp}
            aria-label="Parent folder"
            disabled={listing?.parent === undefined}
            onClick={() => listing?.parent !== undefined && enter(listing.parent)}
          />
          <Field label="Path" value={path} onChange={(event) => setTyped(event.target.value)} />
        </form>
        <ul className="browse-list" aria-label="Folders">
          {listing?.folders.length === 0 && <li className="faint">No folders in here.</li>}
          {listing?.folders.map((folder) => (
            <li key={folder.path}>
              <button
                type="button"
                className="browse-item"
                onClick={() => (folder.hasCompose ? open(folder.path) : enter(folder.path))}
              >
                <Icon of={Folder} />
                <span className="cut">{folder.name}</span>
                {folder.hasCompose && <span className="tone-accent">compose file</span>}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

function useListing() {
  const { client } = useWindow();
  const [path, go] = useState<string>();
  const [listing, setListing] = useState<Listing>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    client.project.browse(path === undefined ? {} : { path }, { signal }).then(
      (next) => {
        if (signal.aborted) return;
        setListing(next);
        setFailure(undefined);
      },
      (thrown: unknown) => {
        if (!signal.aborted) setFailure(describeError(toAppError(thrown)));
      },
    );
    return () => abort.abort();
  }, [client, path]);
  return { listing, failure, go };
}
