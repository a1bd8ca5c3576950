import { ArrowUpRight, Ellipsis, RotateCw, Terminal } from 'lucide-react';
import { memo, useState } from 'react';
import { describeBytes, toneOf } from '#contract/describe.ts';
import type { ServiceName, WorkspaceId } from '#contract/ids.ts';
import type { PublishedPort, ServiceRecord } from '#contract/model.ts';
import { openLink } from '#state/actions.ts';
import { useFigures, useKnown, useService, useWindow } from '#state/hooks.ts';
import { SAMPLES_KEPT } from '#state/statsBook.ts';
import type { WindowModel } from '#state/windowModel.ts';
import { IconButton } from '#ui/Button.tsx';
import { cx } from '#ui/cx.ts';
import { Dot } from '#ui/Dot.tsx';
import { Cell } from '#ui/Grid.tsx';
import { Icon } from '#ui/Icon.tsx';
import { Menu } from '#ui/Menu.tsx';
import { Pill } from '#ui/Pill.tsx';
import { Progress } from '#ui/Progress.tsx';
import { Sparkline } from '#ui/Sparkline.tsx';
import { FailureCard } from './FailureCard.tsx';
import { menuEntries, runAction } from './rowMenu.ts';
import { describeService, progressText, versionText } from './words.ts';

export interface ServiceRowProps {
  readonly workspace: WorkspaceId;
  readonly name: ServiceName;
  readonly selected: boolean;
  readonly menuOpen: boolean;
  readonly onMenu: (name: ServiceName | undefined) => void;
}

/** One service. Draws again when its own record changes, and for nothing else. */
export const ServiceRow = memo(function ServiceRow(props: ServiceRowProps) {
  const service = useService(props.workspace, props.name);
  if (!service) return null;
  return (
    <>
      <div className={cx('service-row', props.selected && 'selected', service.disabled && 'disabled')}>
        <Cell>
          <Dot tone={toneOf(service)} turning={service.status.type === 'working'} />
        </Cell>
        <Cell header className="service-name cut" title={service.name}>
          {service.name}
        </Cell>
        <Cell className="service-version">
          <Version service={service} />
        </Cell>
        <What service={service} />
        <Cell className="service-ports">
          <Ports ports={service.ports} />
        </Cell>
        <Cell className="service-figures">
          <Figures service={service} />
        </Cell>
        <Cell className="service-actions">
          <Actions {...props} service={service} />
        </Cell>
      </div>
      {service.failure && <FailureCard service={service} card={service.failure} />}
    </>
  );
});

interface ServiceProps {
  readonly service: ServiceRecord;
}

function Version({ service }: ServiceProps) {
  const { view, registry } = useWindow();
  const text = versionText(service);
  const dialog = service.swap ? 'swap' : service.middleware ? 'switchVersion' : undefined;
  const look = service.swap ? 'lead' : service.built ? 'plain' : 'normal';
  if (!dialog || !(dialog in registry.dialogs)) return <Pill text={text} look={look} />;
  return (
    <Pill
      text={text}
      look={look}
      label={`${service.name}: ${text}, change the version`}
      onClick={() => view.setState({ dialog: { id: dialog, service: service.name } })}
    />
  );
}

function What({ service }: ServiceProps) {
  const words = useKnown((now) => describeService(service, now));
  const tone = toneOf(service);
  const loud = tone === 'fail' || service.status.type === 'waiting';
  return (
    <Cell className={cx('service-what cut', loud && `tone-${tone}`)} title={words}>
      {words}
    </Cell>
  );
}

const PORTS_SHOWN = 2;

function Ports({ ports }: { readonly ports: readonly PublishedPort[] }) {
  const model = useWindow();
  const more = ports.slice(PORTS_SHOWN).map((port) => `:${port.published}`);
  return (
    <>
      {ports.slice(0, PORTS_SHOWN).map((port) => (
        <Port key={`${port.published}/${port.protocol}`} model={model} port={port} />
      ))}
      {more.length > 0 && (
        <span className="faint" title={more.join(' ')}>
          +{more.length}
        </span>
      )}
    </>
  );
}

function Port({ model, port }: { readonly model: WindowModel; readonly port: PublishedPort }) {
  const { url } = port;
  const address = `localhost:${port.published}`;
  if (url === undefined) {
    return (
      <button
        type="button"
        className="port"
        tabIndex={-1}
        aria-label={`Copy ${address}`}
        data-tip={`Copy ${address}`}
        onClick={() => copyAddress(model, address)}
      >
        :{port.published}
      </button>
    );
  }
  return (
    <a
      className="port"
      href={url}
      tabIndex={-1}
      aria-label={`Open ${url}`}
      data-tip={`Open ${url}`}
      onClick={(event) => {
        event.preventDefault();
        openLink(model, url);
      }}
    >
      :{port.published}
      <Icon of={ArrowUpRight} size={12} />
    </a>
  );
}

function copyAddress(model: WindowModel, address: string): void {
  navigator.clipboard.writeText(address).then(
    () => model.notices.add({ tone: 'ok', title: `Copied ${address}` }),
    (thrown: unknown) => model.notices.failed('Copying', thrown),
  );
}

function Figures({ service }: ServiceProps) {
  const { status } = service;
  if (status.type === 'working') {
    const { progress } = status;
    const share = progress?.total ? progress.current / progress.total : undefined;
    return (
      <>
        <Progress label={`${service.name}: ${status.on}`} share={share} />
        {progress && <span className="cut">{progressText(progress)}</span>}
      </>
    );
  }
  if (!service.replicas.some((replica) => replica.state === 'running')) return null;
  return <Live service={service} />;
}

/** One core is the least that fills the height, so that an idle service draws a flat line. */
const CEILING = 0.25;

function Live({ service }: ServiceProps) {
  const figures = useFigures(service);
  if (!figures) return null;
  const cpu = figures.cpu.at(-1) ?? 0;
  const words = `CPU ${Math.round(cpu * 100)} %, memory ${describeBytes(figures.memoryBytes)}`;
  return (
    <>
      <Sparkline values={figures.cpu} ceiling={Math.max(CEILING, ...figures.cpu)} length={SAMPLES_KEPT} />
      <span title={words}>{describeBytes(figures.memoryBytes)}</span>
    </>
  );
}

function Actions({ service, menuOpen, onMenu }: ServiceRowProps & ServiceProps) {
  const model = useWindow();
  const offered = (id: string) =>
    model.registry.serviceActions.some((action) => action.id === id && action.available(service));
  return (
    <>
      {offered('restart') && (
        <IconButton
          hot
          tabIndex={-1}
          icon={RotateCw}
          label={`Restart ${service.name}`}
          keys="r"
          onClick={(event) => event.detail < 2 && runAction(model, service, 'restart')}
        />
      )}
      {offered('shell') && (
        <IconButton
          hot
          tabIndex={-1}
          icon={Terminal}
          label={`Shell in ${service.name}`}
          keys="s"
          onClick={() => runAction(model, service, 'shell')}
        />
      )}
      <MoreMenu model={model} service={service} open={menuOpen} onMenu={onMenu} />
    </>
  );
}

interface MoreMenuProps extends ServiceProps {
  readonly model: WindowModel;
  readonly open: boolean;
  readonly onMenu: (name: ServiceName | undefined) => void;
}

/** The menu itself exists only once it was opened: two hundred rows carry a plain button each. */
function MoreMenu({ model, service, open, onMenu }: MoreMenuProps) {
  const [used, setUsed] = useState(false);
  const button = (
    <IconButton
      tabIndex={-1}
      icon={Ellipsis}
      label={`More for ${service.name}`}
      aria-haspopup="menu"
      onClick={() => onMenu(service.name)}
    />
  );
  if (open && !used) setUsed(true);
  if (!open && !used) return button;
  return (
    <Menu
      entries={open ? menuEntries(model, service) : []}
      align="end"
      open={open}
      onOpenChange={(next) => onMenu(next ? service.name : undefined)}
    >
      {button}
    </Menu>
  );
}
