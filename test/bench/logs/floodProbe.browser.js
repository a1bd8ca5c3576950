// Runs in the page. Notes every task over 50 ms, how late a line of the quiet service is seen (it says when it was written, by
// the same clock), and how long a typed key takes to be drawn in the shell.
const probe = { tasks: [], quiet: [], echo: [] };
globalThis.floodProbe = probe;

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) probe.tasks.push(entry.duration);
}).observe({ type: 'longtask' });

function watch(element, listener) {
  if (element)
    new MutationObserver(listener).observe(element, { subtree: true, childList: true, characterData: true });
}

const textOf = (pane) => pane?.querySelector('.xterm-rows')?.textContent ?? '';
const quiet = [...document.querySelectorAll('[data-pane="logs"]')].find((pane) =>
  /quiet \d+ at/.test(textOf(pane)),
);
let last = 0;
watch(quiet, () => {
  const [, number, nanos] = [...textOf(quiet).matchAll(/quiet (\d+) at (\d{19})/g)].at(-1) ?? [];
  if (number === undefined || Number(number) <= last) return;
  if (last > 0) probe.quiet.push(performance.timeOrigin + performance.now() - Number(nanos) / 1e6);
  last = Number(number);
});

const shell = document.querySelector('[data-pane="terminal"]');
let pressed;
shell?.addEventListener('keydown', () => (pressed ??= performance.now()), true);
watch(shell?.querySelector('.xterm-rows'), () => {
  if (pressed === undefined) return;
  probe.echo.push(performance.now() - pressed);
  pressed = undefined;
});
