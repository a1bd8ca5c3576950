import './toggle.css';
import { Switch as Base } from 'radix-ui';
import { useId } from 'react';

interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

/** On or off, in effect at once. */
export function Switch({ label, on, onChange }: SwitchProps) {
  const id = useId();
  return (
    <span className="toggle-line">
      <Base.Root id={id} className="toggle" checked={on} onCheckedChange={onChange}>
        <Base.Thumb className="toggle-thumb" />
      </Base.Root>
      <label htmlFor={id}>{label}</label>
    </span>
  );
}
