import { Undo2 } from 'lucide-react';
import { describeBytes, describeLimit } from '#contract/describe.ts';
import type { ServiceRecord } from '#contract/model.ts';
import { attempt } from '#state/actions.ts';
import { useFigures, useWindow } from '#state/hooks.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { IconButton } from '#ui/Button.tsx';
import { Slider } from '#ui/Slider.tsx';
import { offeredLimits } from './limits.ts';

interface MemoryRowProps {
  readonly service: ServiceRecord;
  readonly machine: number;
}

/** Near enough to its limit to be said. */
const NEARLY_FULL = 0.9;

export function MemoryRow({ service, machine }: MemoryRowProps) {
  const { name, memory } = service;
  const limit = memory?.limitBytes;
  const replicas = Math.max(1, service.replicas.filter(({ state }) => state === 'running').length);
  const used = useFigures(service)?.memoryBytes;
  const most = limit === undefined ? machine : limit * replicas;
  const full = limit !== undefined && used !== undefined && used > NEARLY_FULL * most;
  const kills = memory?.oomKills ?? 0;
  return (
    <tr>
      <th scope="row" className="mono">
        {name}
      </th>
      <td>
        <span className="memory-use">
          <meter
            aria-label={`${name}: in use`}
            className={full ? 'is-full' : undefined}
            max={most}
            value={used ?? 0}
          />
          <span className={full ? 'tone-wait' : undefined}>
            {used === undefined ? unknownUse(service) : describeBytes(used)}
          </span>
        </span>
      </td>
      <td>
        <Limit service={service} machine={machine} limit={limit} />
      </td>
      <td className={kills > 0 ? 'figure tone-fail' : 'figure faint'}>
        {kills === 0 ? 'never' : times(kills)}
      </td>
    </tr>
  );
}

/** Figures come a moment after the screen. */
function unknownUse({ replicas }: ServiceRecord): string {
  return replicas.some(({ state }) => state === 'running') ? 'measuring' : 'not running';
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

interface LimitProps extends MemoryRowProps {
  readonly limit: number | undefined;
}

function Limit({ service, machine, limit }: LimitProps) {
  const model = useWindow();
  const offered = offeredLimits(machine, limit);
  const at = limit === undefined ? offered.length : offered.indexOf(limit);
  return (
    <span className="memory-limit">
      <Slider
        label={`Memory limit of ${service.name}`}
        words={[...offered.map(describeLimit), 'no limit']}
        at={at}
        onChoose={(next) => setLimit(model, service, offered[next] ?? 'none')}
      />
      <IconButton
        icon={Undo2}
        label={`${service.name}: the limit of the file`}
        onClick={() => setLimit(model, service, 'file')}
      />
    </span>
  );
}

function setLimit(model: WindowModel, service: ServiceRecord, limit: number | 'none' | 'file'): void {
  const { workspace, name } = service;
  const request = model.client.memory.setLimit({ workspace, service: name, limit });
  void attempt(model, `Changing the limit of ${name}`, request).then((applied) => {
    if (applied === undefined) return;
    const live = applied.type === 'live';
    model.notices.add({
      tone: live ? 'ok' : 'wait',
      title: live ? `${name} has its new limit` : `${name} gets its new limit with the next boot`,
      detail: live ? undefined : applied.reason,
    });
  });
}
