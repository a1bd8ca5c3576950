import './versions.css';
import { useState } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import type { ServiceRecord } from '#contract/model.ts';
import type { VersionMenu } from '#contract/requests/versions.ts';
import { attempt } from '#state/actions.ts';
import { useServerShallow, useWindow } from '#state/hooks.ts';
import type { DialogProps } from '#state/registry.ts';
import { selectServices } from '#state/selectors.ts';
import { useAsked } from '#state/useAsked.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';

/** Versions of several services at once, one switch after the other; or all as production runs them. */
export function SwitchManyDialog({ workspace, onClose }: DialogProps) {
  const model = useWindow();
  const { client } = model;
  const services = useServerShallow((state) => selectServices(state, workspace)).filter(
    ({ middleware, swap, disabled }) => middleware !== undefined && !swap && !disabled,
  );
  const names = services.map(({ name }) => name).join(' ');
  const menus = useAsked((signal) => menusOf(client, workspace, services, signal), `${workspace}/${names}`);
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const production = productionOf(menus.value ?? {});
  const targets = Object.entries(chosen).filter(
    ([service, to]) => to !== '' && menus.value?.[service]?.current !== to,
  );
  const run = () => {
    const list = targets.map(([service, to]) => ({ service, to }));
    void attempt(model, 'Switching', client.versions.switchMany({ workspace, services: list }));
    onClose();
  };
  return (
    <Dialog
      title="Switch several services"
      about={menus.value ? 'one after the other, in one run' : 'asking the registries…'}
      onClose={onClose}
      end={
        <>
          <Button
            disabled={Object.keys(production).length === 0}
            title={
              Object.keys(production).length === 0
                ? 'Look at Production first: it reads what runs there'
                : undefined
            }
            onClick={() => setChosen(production)}
          >
            All as production
          </Button>
          <span className="space" />
          <Button emphasis="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button emphasis="primary" disabled={targets.length === 0} onClick={run}>
            {targets.length === 0 ? 'Switch' : `Switch ${targets.length}`}
          </Button>
        </>
      }
    >
      <div className="many">
        {services.map(({ name }) => (
          <Choice
            key={name}
            name={name}
            menu={menus.value?.[name]}
            value={chosen[name]}
            onChange={(to) => setChosen({ ...chosen, [name]: to })}
          />
        ))}
        <p className="dim">
          Data goes along where it can, or is as that version was left; every lane stays. A switch that fails
          is taken back and ends the run.
        </p>
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly menu: VersionMenu | undefined;
  readonly value: string | undefined;
  readonly onChange: (tag: string) => void;
}

function Choice({ name, menu, value, onChange }: ChoiceProps) {
  const current = menu?.current ?? '';
  return (
    <label className="many-row">
      <span className="who cut">{name}</span>
      <select
        className="choice"
        disabled={!menu}
        value={value ?? current}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {menu?.offers.map(({ tag, inUse, production }) => (
          <option key={tag} value={tag}>
            {[tag, inUse ? 'in use' : '', production ? 'production' : ''].filter(Boolean).join(' · ')}
          </option>
        ))}
      </select>
    </label>
  );
}

type Client = ReturnType<typeof useWindow>['client'];

/** A service whose versions cannot be listed has no menu: it cannot be chosen here. */
async function menusOf(
  client: Client,
  workspace: WorkspaceId,
  services: readonly ServiceRecord[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, VersionMenu>>> {
  const asked = await Promise.allSettled(
    services.map(({ name }) => client.versions.menu({ workspace, service: name }, { signal })),
  );
  return Object.fromEntries(
    asked.flatMap((result) => (result.status === 'fulfilled' ? [[result.value.service, result.value]] : [])),
  );
}

function productionOf(menus: Readonly<Record<string, VersionMenu>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.values(menus).flatMap(({ service, offers }) => {
      const there = offers.find(({ production }) => production);
      return there ? [[service, there.tag]] : [];
    }),
  );
}
