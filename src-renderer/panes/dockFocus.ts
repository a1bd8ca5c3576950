/**
 * A pane was closed, and what had the focus went with it: puts it on the tab that came to the front, so that the keys of tabs go
 * on working, or on the button for a new one. Once the page is drawn anew; what has the focus by then keeps it.
 */
export function focusDock(): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const dock = document.querySelector('.dock.focused') ?? document.querySelector('.dock');
    const next = dock?.querySelector('[role="tab"][aria-selected="true"]') ?? dock?.querySelector('button');
    if (next instanceof HTMLElement) next.focus();
  });
}
