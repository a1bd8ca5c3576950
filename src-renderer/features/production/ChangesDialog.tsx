import './production.css';
import { describeError } from '#contract/describe.ts';
import { useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { useAsked } from '#state/useAsked.ts';
import { Dialog } from '#ui/Dialog.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';

const SIGNS = { added: 'new', modified: 'changed', deleted: 'gone' } as const;

/** What a container has changed against its image: gone with the container. */
export function ChangesDialog({ workspace, service = '' as never, onClose }: DialogProps) {
  const { client } = useWindow();
  const found = useAsked(
    (signal) => client.production.changes({ workspace, service }, { signal }),
    `${workspace}/${service}`,
  );
  const { value, failure } = found;
  return (
    <Dialog title={`Files that ${service} has changed`} about={value?.image} width="wide" onClose={onClose}>
      {failure && <ErrorCard title="Not known">{<p>{describeError(failure)}</p>}</ErrorCard>}
      {!value && !failure && <p className="faint">Looking…</p>}
      {value?.changes.length === 0 && <p className="dim">Nothing is different from the image.</p>}
      {value && value.changes.length > 0 && (
        <ul className="changes mono selectable" aria-label="Changed files">
          {value.changes.map(({ path, kind }) => (
            <li key={path}>
              <span className={kind === 'deleted' ? 'tone-fail' : 'dim'}>{SIGNS[kind]}</span>
              <span>{path}</span>
            </li>
          ))}
        </ul>
      )}
      {value && value.more > 0 && <p className="dim">and {value.more} more</p>}
    </Dialog>
  );
}
