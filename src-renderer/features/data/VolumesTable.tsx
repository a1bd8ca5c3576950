import { Ellipsis } from 'lucide-react';
import { describeBytes } from '#contract/describe.ts';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { CheckpointView, VolumeView } from '#contract/requests/data.ts';
import { useServerShallow, useWindow } from '#state/hooks.ts';
import { selectServices } from '#state/selectors.ts';
import { IconButton } from '#ui/Button.tsx';
import { Menu, type MenuEntry } from '#ui/Menu.tsx';
import { recreate, removeVolume, reset } from './dataActions.ts';
import { describeVolume, shortVolume } from './words.ts';

interface VolumesTableProps {
  readonly workspace: WorkspaceId;
  readonly volumes: readonly VolumeView[];
  readonly seeds: readonly CheckpointView[];
  /** Undefined while the engine counts. */
  readonly sizes: Readonly<Record<string, number>> | undefined;
  readonly busy: boolean;
}

/** Every volume of the project: who uses it, what it holds, how large it is. */
export function VolumesTable({ workspace, volumes, seeds, sizes, busy }: VolumesTableProps) {
  const model = useWindow();
  const services = useServerShallow((state) => selectServices(state, workspace));
  const holds = (volume: VolumeView) =>
    [volume.lane ? '' : productOf(volume, services), describeVolume(volume)].filter(Boolean).join(' · ');
  const entries = (volume: VolumeView): readonly MenuEntry[] =>
    volume.use === 'kept'
      ? [
          {
            type: 'item',
            id: 'delete',
            text: 'Delete…',
            look: 'danger',
            disabled: busy || volume.external,
            run: () => removeVolume(model, workspace, volume.name),
          },
        ]
      : [
          ...(volume.changed ? recreations(volume) : []),
          ...volume.services.flatMap((service) => resets(service, volume)),
        ];
  const recreations = ({ name }: VolumeView): readonly MenuEntry[] => [
    {
      type: 'item',
      id: 'recreate',
      text: 'Make it anew as the files define it, with its data…',
      disabled: busy,
      run: () => recreate(model, workspace, { volume: name, data: 'carry' }),
    },
    {
      type: 'item',
      id: 'recreate empty',
      text: 'Make it anew, empty…',
      look: 'danger',
      disabled: busy,
      run: () => recreate(model, workspace, { volume: name, data: 'empty' }),
    },
  ];
  const resets = (service: string, volume: VolumeView): readonly MenuEntry[] => [
    {
      type: 'item',
      id: `reset ${service}`,
      text: `Reset ${service} to its init scripts…`,
      look: 'danger',
      disabled: busy || volume.external,
      run: () => reset(model, workspace, { service }),
    },
    ...seeds
      .filter((seed) => seed.services.some(({ name }) => name === service))
      .map(
        (seed): MenuEntry => ({
          type: 'item',
          id: `reset ${service} ${seed.id}`,
          text: `Reset ${service} to “${seed.name}”…`,
          look: 'danger',
          disabled: busy || volume.external,
          run: () => reset(model, workspace, { service, seed }),
        }),
      ),
  ];
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">Volume</th>
          <th scope="col">Used by</th>
          <th scope="col">Holds</th>
          <th scope="col" className="figure">
            Size
          </th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {volumes.map((volume) => (
          <tr key={volume.name}>
            <th scope="row" className="mono" title={volume.name}>
              <span className="cut">{shortVolume(volume.name)}</span>
            </th>
            <td className="cut">{volume.services.join(', ') || <span className="faint">nobody</span>}</td>
            <td className="dim cut" title={holds(volume)}>
              {holds(volume)}
            </td>
            <td className="figure">{sizeOf(sizes, volume.name)}</td>
            <td className="end">
              <Menu entries={entries(volume)} align="end">
                <IconButton icon={Ellipsis} label={`What to do with ${shortVolume(volume.name)}`} />
              </Menu>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Without a switch there is no lane: what runs on it says what it holds. */
function productOf(volume: VolumeView, services: readonly ServiceRecord[]): string {
  const users = services.filter(({ name }) => volume.services.includes(name));
  const known = users.flatMap(({ middleware }) =>
    middleware ? [`${middleware.product} ${middleware.version}`] : [],
  );
  return known.join(', ');
}

function sizeOf(sizes: Readonly<Record<string, number>> | undefined, volume: string): string {
  const bytes = sizes?.[volume];
  return bytes === undefined ? '…' : describeBytes(bytes);
}
