import { useState } from 'react';

/**
 * For a dialog without a trigger: gives the focus back to what had it when the dialog came. For the component that exists
 * only while the dialog does.
 */
export function useFocusReturn(): { readonly onCloseAutoFocus: (event: Event) => void } {
  const [before] = useState(() => document.activeElement);
  return {
    onCloseAutoFocus: (event) => {
      event.preventDefault();
      // What the dialog led to, a terminal for instance, may have taken the focus already.
      const free = document.activeElement === null || document.activeElement === document.body;
      if (free && before instanceof HTMLElement && before.isConnected) before.focus();
    },
  };
}
