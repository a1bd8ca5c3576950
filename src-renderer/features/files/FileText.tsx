import type { FileChange, FileView } from '#contract/requests/files.ts';
import { bytesText } from './fileWords.ts';
import type { ContainerFiles } from './useContainerFiles.ts';

/** The beginning of a file. */
export function FileText({ view }: { readonly view: FileView | undefined }) {
  if (view === undefined) return <p className="files-note">Reading…</p>;
  const { text, sizeBytes, truncated } = view;
  if (text === undefined)
    return <p className="files-note">No text: {bytesText(sizeBytes)} of binary data.</p>;
  if (text === '') return <p className="files-note">This file is empty.</p>;
  return (
    <>
      {truncated && (
        <p className="files-note">The beginning of {bytesText(sizeBytes)}; a download has all of it.</p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls, and a keyboard must be able to. */}
      <pre className="files-text" tabIndex={0}>
        {text}
      </pre>
    </>
  );
}

const TONES: Readonly<Record<FileChange['kind'], string>> = {
  added: 'tone-ok',
  modified: 'tone-wait',
  deleted: 'tone-fail',
};

/** What the container changed against its image; a click looks at it. */
export function Changes({ files }: { readonly files: ContainerFiles }) {
  const changes = files.changes.value;
  if (changes === undefined) return <p className="files-note">Comparing…</p>;
  if (changes.length === 0) return <p className="files-note">Nothing changed against the image.</p>;
  return (
    <ul className="files-list" aria-label="Changed files">
      {changes.map(({ path, kind }) => (
        <li key={path}>
          <button
            type="button"
            className="files-change"
            disabled={kind === 'deleted'}
            onClick={() =>
              files.go(
                changes.some((other) => other.path.startsWith(`${path}/`))
                  ? { type: 'folder', path }
                  : { type: 'file', path },
              )
            }
          >
            <span className={TONES[kind]}>{kind}</span>
            <span className="cut">{path}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
