import './files.css';
import { ArrowUp, Download, Upload } from 'lucide-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { describeError } from '#contract/describe.ts';
import type { DialogProps } from '#state/registry.ts';
import { Button, TextToggle } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { Changes, FileText } from './FileText.tsx';
import { FolderList } from './FolderList.tsx';
import { type ContainerFiles, parentPath, useContainerFiles } from './useContainerFiles.ts';

/** The files of a service's container, running or stopped: to look at, to fetch, to bring. */
export function FilesDialog({ workspace, service, onClose }: DialogProps) {
  if (!service) return null;
  return <Files key={service} container={{ workspace, service }} onClose={onClose} />;
}

interface FilesProps {
  readonly container: Parameters<typeof useContainerFiles>[0];
  readonly onClose: () => void;
}

function Files({ container, onClose }: FilesProps) {
  const files = useContainerFiles(container);
  const { place } = files;
  const failure = files.folder.failure ?? files.file.failure ?? files.changes.failure;
  const path = place.type === 'changes' ? undefined : place.path;
  const [isOver, setOver] = useState(false);
  return (
    <Dialog
      title={`Files of ${container.service}`}
      width="wide"
      flush
      onClose={onClose}
      end={<Actions files={files} path={path} onClose={onClose} />}
    >
      <section
        className="files"
        aria-label="Files"
        onDragOver={(event) => {
          if (place.type !== 'folder' || !event.dataTransfer.types.includes('Files')) return;
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={(event) =>
          event.currentTarget.contains(event.relatedTarget as Node | null) || setOver(false)
        }
        onDrop={(event) => {
          setOver(false);
          dropOn(event, files);
        }}
      >
        <PathLine files={files} />
        <div className="files-body">
          {isOver && <p className="files-drop">Drop to bring it to {path}</p>}
          {failure && <p className="files-note tone-fail">{describeError(failure)}</p>}
          {!failure && place.type === 'folder' && <FolderList files={files} />}
          {!failure && place.type === 'file' && <FileText view={files.file.value} />}
          {!failure && place.type === 'changes' && <Changes files={files} />}
        </div>
      </section>
    </Dialog>
  );
}

function dropOn(event: DragEvent, { place, upload }: ContainerFiles): void {
  if (place.type !== 'folder' || event.dataTransfer.files.length === 0) return;
  event.preventDefault();
  void upload(place.path, [...event.dataTransfer.files]);
}

function PathLine({ files }: { readonly files: ContainerFiles }) {
  const { place, go } = files;
  const shown = place.type === 'changes' ? '/' : place.path;
  const [typed, setTyped] = useState(shown);
  useEffect(() => setTyped(shown), [shown]);
  return (
    <form
      className="files-path"
      onSubmit={(event) => {
        event.preventDefault();
        go({ type: 'folder', path: typed.replace(/(?<=.)\/+$/, '') });
      }}
    >
      <Button
        icon={ArrowUp}
        aria-label="Parent folder"
        disabled={shown === '/'}
        onClick={() => go({ type: 'folder', path: parentPath(shown) })}
      />
      <Field label="Path" value={typed} onChange={(event) => setTyped(event.target.value)} />
      <TextToggle
        on={place.type === 'changes'}
        onClick={() => go(place.type === 'changes' ? { type: 'folder', path: '/' } : { type: 'changes' })}
      >
        changed against the image
      </TextToggle>
    </form>
  );
}

interface ActionsProps {
  readonly files: ContainerFiles;
  readonly path: string | undefined;
  readonly onClose: () => void;
}

function Actions({ files, path, onClose }: ActionsProps) {
  const input = useRef<HTMLInputElement>(null);
  const { place, upload, download } = files;
  return (
    <>
      {place.type === 'folder' && (
        <>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            onChange={({ target }) => {
              const brought = [...(target.files ?? [])];
              // A field that holds a file already says nothing when the same one is chosen again.
              target.value = '';
              void upload(place.path, brought);
            }}
          />
          <Button icon={Upload} onClick={() => input.current?.click()}>
            Bring files here
          </Button>
        </>
      )}
      {path !== undefined && path !== '/' && (
        <Button icon={Download} onClick={() => void download(path)}>
          {place.type === 'file' ? 'Download' : 'Download this folder'}
        </Button>
      )}
      <span className="space" />
      <Button onClick={onClose}>Close</Button>
    </>
  );
}
