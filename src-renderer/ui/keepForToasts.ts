/** For what a click beside it closes: toasts lie above it, and closing one of them is no answer to the question below. */
export function keepForToasts(event: Event): void {
  if (event.target instanceof Element && event.target.closest('.toast')) event.preventDefault();
}
