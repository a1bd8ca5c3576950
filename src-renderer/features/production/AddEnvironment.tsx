import { useState } from 'react';
import type { WorkspaceId } from '#contract/ids.ts';
import { attempt } from '#state/actions.ts';
import { useWindow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { Field } from '#ui/Field.tsx';

interface Props {
  readonly workspace: WorkspaceId;
  readonly onAdded: () => void;
}

/** A file of the project or an https address, kept in `.slipway/production.yaml`. */
export function AddEnvironment({ workspace, onAdded }: Props) {
  const model = useWindow();
  const [where, setWhere] = useState('');
  const add = async () => {
    const text = where.trim();
    const source = /^https?:\/\//i.test(text)
      ? ({ type: 'url', url: text } as const)
      : ({ type: 'file', file: text } as const);
    const request = model.client.production.addEnvironment({ workspace, name: 'production', source });
    await attempt(model, 'Adding production', request);
    onAdded();
  };
  return (
    <form
      className="add-environment"
      onSubmit={(event) => {
        event.preventDefault();
        if (where.trim() !== '') void add();
      }}
    >
      <Field
        label="deploy/production.yaml or https://…"
        value={where}
        onChange={(event) => setWhere(event.currentTarget.value)}
      />
      <Button type="submit" emphasis="primary" disabled={where.trim() === ''}>
        Look there
      </Button>
    </form>
  );
}
