import './split.css';
import type { ReactNode } from 'react';
import { Fragment } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';

export interface SplitPart {
  readonly id: string;
  readonly content: ReactNode;
  /** Pixels. */
  readonly minSize?: number;
  readonly keepPixels?: boolean;
}

interface SplitProps {
  readonly label: string;
  readonly direction: 'row' | 'column';
  readonly parts: readonly SplitPart[];
  /** Percent by part, as last told by `onSizes`. */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
  readonly onSizes?: (sizes: Record<string, number>) => void;
}

/** Parts beside or below each other with bars to drag between them (arrow keys move a focused bar). */
export function Split({ label, direction, parts, sizes, onSizes }: SplitProps) {
  return (
    <Group
      orientation={direction === 'row' ? 'horizontal' : 'vertical'}
      {...(sizes ? { defaultLayout: { ...sizes } } : {})}
      {...(onSizes ? { onLayoutChanged: onSizes } : {})}
    >
      {parts.map((part, index) => (
        <Fragment key={part.id}>
          {index > 0 && <Separator className="split-bar" aria-label={`Resize ${label}`} />}
          <Panel
            id={part.id}
            minSize={part.minSize ?? 80}
            {...(part.keepPixels ? { groupResizeBehavior: 'preserve-pixel-size' as const } : {})}
          >
            {part.content}
          </Panel>
        </Fragment>
      ))}
    </Group>
  );
}
