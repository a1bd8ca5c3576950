import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { WindowContext } from '#state/hooks.ts';
import { createWindowModel } from '#state/windowModel.ts';
import { FixtureConnection } from '#support/fixtureConnection.ts';
import { Banners } from './features/shell/Banners.tsx';
import { Welcome } from './features/welcome/Welcome.tsx';

test('a core that refuses the window says so before anything is known, and nothing promises a connection', () => {
  const connection = new FixtureConnection(undefined);
  const error = {
    kind: 'protocol.denied',
    message: 'Another start.',
    hint: 'Open the new address.',
  } as const;
  connection.status = { type: 'refused', error };
  const registry = { screens: [], commands: [], serviceActions: [], dialogs: {} };
  const value = createWindowModel({ connection, registry });
  const welcome = createElement(Welcome, { loading: true, banners: createElement(Banners) });
  const page = renderToStaticMarkup(createElement(WindowContext, { value }, welcome));
  expect(page).toContain('Another start.');
  expect(page).not.toContain('Connecting');
});
