import './sparkline.css';
import { linePoints } from './linePoints.ts';

const WIDTH = 64;
const HEIGHT = 18;

interface SparklineProps {
  /** Oldest first, each between 0 and `ceiling`. */
  readonly values: readonly number[];
  readonly ceiling: number;
  /** How many values fill the whole width. */
  readonly length: number;
}

/** The shape of the last minute; the figure beside it says how much. */
export function Sparkline({ values, ceiling, length }: SparklineProps) {
  const points = linePoints(values, { width: WIDTH, height: HEIGHT, ceiling, length });
  if (points === '') return <svg className="sparkline" aria-hidden />;
  const start = points.slice(0, points.indexOf(','));
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
      <polygon points={`${start},${HEIGHT} ${points} ${WIDTH},${HEIGHT}`} stroke="none" />
      <polyline points={points} fill="none" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
