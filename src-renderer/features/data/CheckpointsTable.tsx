import { Ellipsis } from 'lucide-react';
import { describeAgo, describeBytes, describeKept } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { CheckpointView } from '#contract/requests/data.ts';
import { useNow, useWindow } from '#state/hooks.ts';
import { Button, IconButton } from '#ui/Button.tsx';
import { Menu, type MenuEntry } from '#ui/Menu.tsx';
import { Pill } from '#ui/Pill.tsx';
import { markSeed, removeCheckpoint, restore } from './dataActions.ts';
import { describeContent, describeReason, shortVolume } from './words.ts';

interface CheckpointsTableProps {
  readonly workspace: WorkspaceId;
  readonly checkpoints: readonly CheckpointView[];
  readonly busy: boolean;
  readonly changed: () => void;
}

/** Checkpoints or the bin: what each holds, how old it is, and the way back. */
export function CheckpointsTable({ workspace, checkpoints, busy, changed }: CheckpointsTableProps) {
  const model = useWindow();
  const now = useNow();
  const entries = (checkpoint: CheckpointView): readonly MenuEntry[] => [
    {
      type: 'item',
      id: 'export',
      text: 'Export to a file…',
      run: () =>
        model.view.setState({
          dialog: { id: 'exportCheckpoint', input: { checkpoint: checkpoint.id, name: checkpoint.name } },
        }),
    },
    ...(checkpoint.keptUntil === undefined
      ? [
          {
            type: 'item' as const,
            id: 'seed',
            text: 'Services can be reset to it',
            checked: checkpoint.seed,
            run: () => void markSeed(model, workspace, checkpoint).then(changed),
          },
        ]
      : []),
    { type: 'line', id: 'line' },
    {
      type: 'item',
      id: 'delete',
      text: 'Delete for good…',
      look: 'danger',
      run: () => removeCheckpoint(model, workspace, { checkpoint, done: changed }),
    },
  ];
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Holds</th>
          <th scope="col">When</th>
          <th scope="col" className="figure">
            On disk
          </th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {checkpoints.map((checkpoint) => (
          <tr key={checkpoint.id}>
            <th scope="row" title={checkpoint.name}>
              <span className="data-name">
                <span className="cut">{shortVolume(checkpoint.name)}</span>
                {checkpoint.seed && <Pill text="seed" look="plain" />}
              </span>
            </th>
            <td className="dim cut" title={describeContent(checkpoint)}>
              {describeContent(checkpoint)}
            </td>
            <td className="dim cut">{when(checkpoint, now)}</td>
            <td className="figure">{describeBytes(checkpoint.storedBytes)}</td>
            <td className="end">
              <Button disabled={busy} onClick={() => restore(model, workspace, checkpoint)}>
                Restore
              </Button>
              <Menu entries={entries(checkpoint)} align="end">
                <IconButton icon={Ellipsis} label={`What to do with ${checkpoint.name}`} />
              </Menu>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function when({ createdAt, keptUntil, reason }: CheckpointView, now: number): string {
  const taken = describeAgo(now - createdAt);
  if (keptUntil === undefined) return reason === 'imported' ? `${taken}, imported` : taken;
  return `${describeReason(reason)} ${taken}, kept for ${describeKept(keptUntil - now)}`;
}
