import { describeDuration } from '#contract/describe.ts';
import type { FailedSwitch } from '#contract/requests/versions.ts';
import { useNow } from '#state/hooks.ts';
import { Button } from '#ui/Button.tsx';
import { ErrorCard } from '#ui/ErrorCard.tsx';

interface SwitchFailureProps {
  readonly service: string;
  readonly failed: FailedSwitch;
  readonly onAgain: (to: string) => void;
  readonly onForget: () => void;
}

/** A switch that was taken back: it stays until somebody has read it. */
export function SwitchFailure({ service, failed, onAgain, onForget }: SwitchFailureProps) {
  const now = useNow();
  const title = `The switch to ${failed.to} was taken back`;
  return (
    <ErrorCard
      title={title}
      label={`${service}: ${title}`}
      className="versions-failed"
      output={failed.details.join('\n')}
      actions={
        <>
          <Button emphasis="primary" onClick={() => onAgain(failed.to)}>
            Try again…
          </Button>
          <Button emphasis="quiet" onClick={onForget}>
            Dismiss
          </Button>
        </>
      }
    >
      <p className="selectable">
        {failed.message} {failed.hint}
      </p>
      <p className="faint selectable">{whereabouts(service, failed, now)}</p>
    </ErrorCard>
  );
}

function whereabouts(service: string, { image, source, at }: FailedSwitch, now: number): string {
  const data = source === undefined ? '' : ` Its data is in ${source}, which the switch has only read.`;
  return `${describeDuration(now - at)} ago. ${service} is on ${image} as before.${data}`;
}
