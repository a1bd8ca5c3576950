import type { ScalarNode } from './yaml/nodes.ts';

/** From this power of ten on Go writes an exponent when it looks for the shortest text. */
const EXPONENT_FROM = 6;

/** A float64 as Go's `%v` prints it: with an exponent of at least two digits below -4 and from 6 on. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [mantissa = '0', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= EXPONENT_FROM)) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return value === 0 ? '0' : plainDecimal(mantissa, exponent);
}

/** `1.25`, 3 → `1250`: String() would switch to exponents at other places. */
function plainDecimal(mantissa: string, exponent: number): string {
  const negative = mantissa.startsWith('-');
  const digits = mantissa.replace(/[-.]/g, '');
  const point = exponent + 1;
  const text =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : point >= digits.length
        ? digits.padEnd(point, '0')
        : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${text}` : text;
}

/** The nearest float32, in the fewest digits that still name it. */
export function formatFloat32(value: number): string {
  const rounded = Math.fround(value);
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = rounded.toPrecision(digits);
    if (Math.fround(Number(text)) === rounded) return formatFloat(Number(text));
  }
  return formatFloat(rounded);
}

/** A scalar as text, the way docker compose puts numbers and truth values into environments and labels. */
export function scalarText(node: ScalarNode): string {
  const { value } = node;
  if (value === null) return '';
  return node.type === 'float' ? formatFloat(value as number) : String(value);
}
