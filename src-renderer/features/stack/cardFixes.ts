import type { FailureCard, Fix, ServiceRecord } from '#contract/model.ts';
import { boot, showPane, showScreen, stop } from '#state/actions.ts';
import type { WindowModel } from '#state/windowModel.ts';

/** Where this dialog comes from a feature that is not there, its button would do nothing. */
const NEEDS_DIALOG: Readonly<Record<string, string>> = { 'versions.open': 'switchVersion' };

/** Those that need to know what product the image is. */
const NEEDS_PRODUCT = new Set(['image.today', 'versions.open']);

/** The buttons of a card that this window can offer. */
export function fixesFor(model: WindowModel, service: ServiceRecord, card: FailureCard): readonly Fix[] {
  return card.fixes.filter((fix) => {
    if (NEEDS_PRODUCT.has(fix.id) && service.middleware === undefined) return false;
    const dialog = NEEDS_DIALOG[fix.id];
    return dialog === undefined || dialog in model.registry.dialogs;
  });
}

/** Does what a fix asks of the window itself. False for those the core does. */
export function showFix(model: WindowModel, service: ServiceRecord, id: string): boolean {
  const { workspace, name } = service;
  const [kind, argument = ''] = id.split(/:(.*)/s);
  if (kind === 'image.login') {
    model.view.setState({ dialog: { id: 'registryLogin', input: { registry: argument } } });
    return true;
  }
  if (kind === 'variable.set') {
    model.view.setState({ dialog: { id: 'setVariable', service: name, input: { fix: id, name: argument } } });
    return true;
  }
  switch (id) {
    case 'retry':
      boot(model, workspace);
      return true;
    case 'service.stop':
      stop(model, workspace, [name]);
      return true;
    case 'logs.open':
      showPane(model, workspace, { type: 'logs', services: [name] });
      return true;
    case 'definition.open':
      model.view.setState({ dialog: { id: 'definition', service: name } });
      return true;
    case 'versions.open':
      model.view.setState({ dialog: { id: 'switchVersion', service: name } });
      return true;
    case 'disk.show':
      showScreen(model, workspace, 'doctor');
      return true;
    default:
      return false;
  }
}
