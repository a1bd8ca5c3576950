import './states.css';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';

interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  /** The name of the screen that is empty as a whole: its heading, for those who hear it. */
  readonly screen?: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Nothing here, why, and what to do about it. */
export function EmptyState({ icon, title, screen, children, actions }: EmptyStateProps) {
  return (
    <div className="empty">
      {screen !== undefined && <h1 className="visually-hidden">{screen}</h1>}
      <Icon of={icon} size={28} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div className="empty-actions">{actions}</div>}
    </div>
  );
}
