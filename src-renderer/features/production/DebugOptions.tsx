import { useState } from 'react';
import type { SwapPlanView } from '#contract/requests/production.ts';
import { Button } from '#ui/Button.tsx';
import { Field } from '#ui/Field.tsx';

export type DebuggerChoice = 'none' | 'node' | 'jdwp' | 'debugpy' | 'delve';

export interface DebugForm {
  readonly idle: boolean;
  readonly debugger: DebuggerChoice;
}

export const NO_DEBUG: DebugForm = { idle: false, debugger: 'none' };

const DEBUGGERS: readonly (readonly [DebuggerChoice, string])[] = [
  ['none', 'none'],
  ['node', 'Node inspector'],
  ['jdwp', 'JDWP (Java)'],
  ['debugpy', 'debugpy (Python)'],
  ['delve', 'delve (Go)'],
];

interface DebugProps {
  readonly form: DebugForm;
  readonly likely: SwapPlanView['likelyDebugger'];
  readonly onChange: (form: DebugForm) => void;
}

/** How it is looked into while it is here. All of it goes with the lease. */
export function DebugOptions({ form, likely, onChange }: DebugProps) {
  return (
    <fieldset className="swap-values">
      <legend>To look into it</legend>
      <label className="swap-check">
        <input
          type="checkbox"
          checked={form.idle}
          onChange={(event) => onChange({ ...form, idle: event.currentTarget.checked })}
        />
        Start nothing: its process sleeps, and you start the program by hand in a shell
      </label>
      <div className="swap-leases" role="radiogroup" aria-label="Debugger">
        <span className="dim">Debugger</span>
        {DEBUGGERS.map(([id, title]) => (
          <label key={id}>
            <input
              type="radio"
              name="debugger"
              checked={form.debugger === id}
              onChange={() => onChange({ ...form, debugger: id })}
            />
            {title}
            {likely === id && <span className="faint">fits</span>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface VariablesProps {
  readonly plan: SwapPlanView;
  readonly values: Readonly<Record<string, string>>;
  readonly onChange: (values: Readonly<Record<string, string>>) => void;
}

/** Asked for, never taken from production; where they are kept is said before they are. */
export function Values({ plan, values, onChange }: VariablesProps) {
  const extra = Object.keys(values).filter((name) => !plan.missing.includes(name));
  return (
    <fieldset className="swap-values">
      <legend>
        {plan.missing.length > 0
          ? 'Production sets these, and nothing here does'
          : 'Other values for this run'}
      </legend>
      {[...plan.missing, ...extra].map((name) => (
        <div key={name} className="swap-value">
          <span className="mono cut">{name}</span>
          <Field
            label={`Value of ${name}`}
            type="password"
            value={values[name] ?? ''}
            onChange={(event) => onChange({ ...values, [name]: event.currentTarget.value })}
          />
        </div>
      ))}
      <AddVariable known={plan.variables} onAdd={(name) => onChange({ ...values, [name]: '' })} />
      <p className="faint swap-note">
        Values that you give stand in clear in {plan.valuesFile}, readable by you only and not in git, until
        the swap ends.
      </p>
    </fieldset>
  );
}

interface AddProps {
  readonly known: readonly string[];
  readonly onAdd: (name: string) => void;
}

function AddVariable({ known, onAdd }: AddProps) {
  const [name, setName] = useState('');
  const ready = /^[A-Za-z_][\w.-]*$/.test(name);
  const add = () => {
    if (!ready) return;
    onAdd(name);
    setName('');
  };
  return (
    <div className="swap-value">
      <Field
        label="Another variable"
        list="swap-variables"
        className="mono"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        }}
      />
      <datalist id="swap-variables">
        {known.map((entry) => (
          <option key={entry} value={entry} />
        ))}
      </datalist>
      <span>
        <Button emphasis="quiet" disabled={!ready} onClick={add}>
          Give it a value
        </Button>
      </span>
    </div>
  );
}
