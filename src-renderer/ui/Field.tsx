import './field.css';
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx.ts';
import { Icon } from './Icon.tsx';

interface FieldProps extends Omit<ComponentProps<'input'>, 'size'> {
  readonly label: string;
  readonly icon?: LucideIcon;
  /** Behind the text: a count, a key, a button. */
  readonly end?: ReactNode;
}

/** One line of input. Its label is its placeholder and its accessible name. */
export function Field({ label, icon, end, className, ...rest }: FieldProps) {
  return (
    <label className={cx('field', className)}>
      {icon && <Icon of={icon} />}
      <input
        type="text"
        placeholder={label}
        aria-label={label}
        spellCheck={false}
        autoComplete="off"
        {...rest}
      />
      {end}
    </label>
  );
}
