import { File, FileSymlink, Folder, Plug } from 'lucide-react';
import type { FileEntry } from '#contract/requests/files.ts';
import { Icon } from '#ui/Icon.tsx';
import { bytesText, modeText } from './fileWords.ts';
import { type ContainerFiles, targetOf } from './useContainerFiles.ts';

const ICONS = { file: File, directory: Folder, link: FileSymlink, other: Plug };

/** One folder of a container. */
export function FolderList({ files }: { readonly files: ContainerFiles }) {
  const { folder } = files;
  if (folder.value === undefined) return <p className="files-note">Reading…</p>;
  const { entries, truncated, path } = folder.value;
  if (entries.length === 0) return <p className="files-note">This folder is empty.</p>;
  return (
    <>
      <ul className="files-list" aria-label={`Files in ${path}`}>
        {entries.map((entry) => (
          <li key={entry.name}>
            <Entry entry={entry} onOpen={() => open(files, path, entry)} />
          </li>
        ))}
      </ul>
      {truncated && <p className="files-note">There is more here than can be listed.</p>}
    </>
  );
}

/** A link may lead to a folder: then looking at it as a file fails, and it is opened as what it is. */
function open({ go }: ContainerFiles, folder: string, entry: FileEntry): void {
  if (entry.type === 'other') return;
  go({ type: entry.type === 'directory' ? 'folder' : 'file', path: targetOf(folder, entry) });
}

function Entry({ entry, onOpen }: { readonly entry: FileEntry; readonly onOpen: () => void }) {
  const { name, type, target, sizeBytes, mode, user, modified } = entry;
  return (
    <button type="button" className="files-entry" disabled={type === 'other'} onClick={onOpen}>
      <Icon of={ICONS[type]} />
      <span className="cut">
        {name}
        {type === 'link' && <span className="faint"> → {target}</span>}
      </span>
      <span className="dim num">{type === 'file' ? bytesText(sizeBytes) : ''}</span>
      <span className="faint mono">{modeText(mode)}</span>
      <span className="faint num">{user}</span>
      <time className="faint num">
        {modified > 0 ? new Date(modified).toLocaleString('sv-SE').slice(0, 16) : ''}
      </time>
    </button>
  );
}
