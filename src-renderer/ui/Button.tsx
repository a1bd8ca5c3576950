import './button.css';
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cx } from './cx.ts';
import { Icon } from './Icon.tsx';

export interface ButtonProps extends ComponentProps<'button'> {
  readonly emphasis?: 'primary' | 'normal' | 'quiet' | 'danger';
  readonly icon?: LucideIcon | undefined;
}

/** At most one primary button is on a screen, the one that Enter would mean. */
export function Button({ emphasis = 'normal', icon, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={cx('button', emphasis, className)}>
      {icon && <Icon of={icon} size={14} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly icon: LucideIcon;
  /** Its name, for screen readers and in the tooltip. */
  readonly label: string;
  /** The key that does the same, shown in the tooltip. */
  readonly keys?: string | undefined;
  readonly hot?: boolean;
}

/** A button that is only a drawing; its name shows in a tooltip. */
export function IconButton({ icon, label, keys, hot, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      data-tip={label}
      data-tip-keys={keys}
      {...rest}
      className={cx('icon-button', hot && 'hot', className)}
    >
      <Icon of={icon} />
    </button>
  );
}

interface TextToggleProps extends ComponentProps<'button'> {
  readonly on: boolean;
}

/** A word that is on or off: "follow", "wrap". */
export function TextToggle({ on, className, ...rest }: TextToggleProps) {
  return <button type="button" aria-pressed={on} {...rest} className={cx('text-toggle', className)} />;
}
