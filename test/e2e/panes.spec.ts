import { expect, type Locator, type Page } from '@playwright/test';
import { expectService, press, row, runCommand, terminal, test } from './support/stack.ts';

/** Titles, the clipboard, the cursor: everything a log must not touch. */
const HOSTILE = String.raw`\033]0;owned\007\033]52;c;b3duZWQ=\007\033[2J\033[Hvisible-after-escapes`;

const TALKING = `
  talker:
    image: busybox
    command: sh -c 'printf "${HOSTILE.replaceAll('\\', '\\\\')}\\\\n"; i=0; while true; do i=$$((i+1)); echo "tick $$i"; sleep 0.2; done'
    stop_grace_period: 1s
  quiet:
    image: debian:bookworm
    command: sleep infinity
    stop_grace_period: 1s
`;

/** Boots, and opens a shell in the quiet service. */
async function openShell(page: Page): Promise<Locator> {
  await press(page, 'Boot');
  await expectService(page, 'quiet', 'running for');
  await row(page, 'quiet').click();
  await page.keyboard.press('s');
  const shell = terminal(page, 'terminal');
  await expect(shell).toContainText(/[#$]/, { timeout: 30_000 });
  return shell;
}

test('logs follow, stop when one scrolls away, and say what came meanwhile', async ({ page, openStack }) => {
  await openStack(TALKING);
  await press(page, 'Boot');
  await expect(terminal(page, 'logs')).toContainText('tick 20', { timeout: 60_000 });
  const follow = page.getByRole('button', { name: 'follow', exact: true });
  await follow.click();
  await expect(follow).toHaveAttribute('aria-pressed', 'false');
  const more = page.getByRole('button', { name: /\d+ new lines?/ });
  await expect(more).toBeVisible();
  const before = await terminal(page, 'logs').textContent();
  await expect(more).toContainText(/[5-9]|\d\d/);
  expect(await terminal(page, 'logs').textContent()).toBe(before);
  await more.click();
  await expect(follow).toHaveAttribute('aria-pressed', 'true');
  await expect(more).toHaveCount(0);
});

test('what a container prints cannot leave its line', async ({ page, openStack }) => {
  await openStack(TALKING);
  const title = await page.title();
  await press(page, 'Boot');
  await row(page, 'talker').click();
  await page.keyboard.press('Enter');
  await expect(terminal(page, 'logs')).toContainText('tick 3', { timeout: 60_000 });
  await page.getByRole('button', { name: 'Search in this pane' }).click();
  await page.getByRole('textbox', { name: 'Search' }).fill('visible-after');
  await expect(page.getByText('1 of 1')).toBeVisible();
  await expect(terminal(page, 'logs')).toContainText('visible-after-escapes');
  expect(await page.title()).toBe(title);
});

test('a shell works, and is as one left it after looking elsewhere and after a reload', async ({
  page,
  openStack,
}) => {
  await openStack(TALKING);
  const shell = await openShell(page);
  await page.keyboard.type('marker=kept; echo size $(stty size)\n');
  await expect(shell).toContainText(/size [1-9]\d* [1-9]\d*/);
  // Its own word that it runs: a key pressed before the shell has put it in front would end nothing, here as anywhere.
  await page.keyboard.type('sh -c "echo run\'\'ning; exec sleep 600"\n');
  await expect(shell).toContainText('running');
  await page.keyboard.press('Control+C');
  await page.keyboard.type('echo interrupted $?\n');
  await expect(shell).toContainText('interrupted 130');

  await page.getByRole('tab', { name: 'Logs · all' }).click();
  await expect(terminal(page, 'logs')).toContainText('tick');
  await page.getByRole('tab', { name: 'Shell · quiet' }).click();
  await expect(shell).toContainText('interrupted 130');

  await page.reload();
  await expect(shell).toContainText('interrupted 130', { timeout: 30_000 });
  await page.locator('[data-pane="terminal"]').click();
  await page.keyboard.type('echo it is $marker\n');
  await expect(shell).toContainText('it is kept');
  await page.keyboard.type('exit\n');
  await expect(shell).toContainText('Enter opens a new one');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Shell · quiet' })).toBeVisible();
});

test('what an input method composes arrives once, when it is done', async ({ page, openStack }) => {
  await openStack(TALKING);
  const shell = await openShell(page);
  await page.keyboard.type("printf '%s' '");
  const input = await page.context().newCDPSession(page);
  const compose = (text: string) =>
    input.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  for (const text of ['に', 'にほ', 'にほん', '日本']) await compose(text);
  await input.send('Input.insertText', { text: '日本' });
  // One that is begun and given up, and a dead key.
  await compose('ab');
  await compose('');
  await compose('´');
  await input.send('Input.insertText', { text: 'é' });
  await page.keyboard.type("' | od -An -tx1 | tr '\\n' .\n");
  await expect(shell).toContainText(' e6 97 a5 e6 9c ac c3 a9.');
});

test('panes are split, resized and closed, and tell the shell its size', async ({ page, openStack }) => {
  await openStack(TALKING);
  await press(page, 'Boot');
  await expectService(page, 'quiet', 'running for');
  await runCommand(page, 'quiet shell');
  const shell = terminal(page, 'terminal');
  await expect(shell).toContainText(/[#$]/, { timeout: 30_000 });
  await page.keyboard.type('echo wide $(stty size | cut -d" " -f2) columns\n');
  await expect(shell).toContainText(/wide \d+ columns/);
  const wide = Number(/wide (\d+) columns/.exec((await shell.textContent()) ?? '')?.[1]);
  await page.getByRole('button', { name: 'Split to the right' }).click();
  await expect(terminal(page, 'logs')).toBeVisible();
  await page.locator('[data-pane="terminal"]').click();
  let tries = 0;
  // A size and what is typed travel by themselves: the first answer may still be of the size before.
  await expect(async () => {
    const word = `narrow-${++tries}`;
    await page.keyboard.type(`echo ${word} $(stty size | cut -d" " -f2) columns\n`);
    const answer = new RegExp(`${word} (\\d+) columns`);
    await expect(shell).toContainText(answer, { timeout: 5_000 });
    const narrow = Number(answer.exec((await shell.textContent()) ?? '')?.[1]);
    expect(narrow).toBeLessThan(wide * 0.7);
  }).toPass({ timeout: 30_000 });
  await page.getByRole('tab', { name: 'Shell · quiet' }).focus();
  await page.keyboard.press('Delete');
  await expect(page.locator('[data-pane="terminal"]')).toHaveCount(0);
  await expect(terminal(page, 'logs')).toContainText('tick');
});
