interface Frame {
  readonly width: number;
  readonly height: number;
  readonly ceiling: number;
  readonly length: number;
}

/** SVG points of a line that ends at the right edge; room of a pixel above and below for the stroke. */
export function linePoints(values: readonly number[], frame: Frame): string {
  if (values.length < 2) return '';
  const step = frame.width / (frame.length - 1);
  const first = frame.width - step * (values.length - 1);
  const room = frame.height - 2;
  return values
    .map((value, index) => {
      const share = Math.min(1, Math.max(0, value / frame.ceiling));
      return `${(first + index * step).toFixed(1)},${(frame.height - 1 - share * room).toFixed(1)}`;
    })
    .join(' ');
}
