import type { LucideIcon } from 'lucide-react';

interface IconProps {
  readonly of: LucideIcon;
  readonly size?: number;
  readonly className?: string;
}

/** A drawing beside words or inside a named control: screen readers skip it. */
export function Icon({ of: Drawing, size = 16, className }: IconProps) {
  return <Drawing size={size} strokeWidth={1.75} aria-hidden className={`icon ${className ?? ''}`} />;
}
