const MIB = 1024 ** 2;
/** Sizes that one writes into a file, mebibytes. */
const STEPS = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768];
const GIB_STEPS = [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];

/** The limits a slider offers on a machine of this size, smallest first; the last place after them means none. */
export function offeredLimits(machineBytes: number, current: number | undefined): readonly number[] {
  const sizes = [...STEPS, ...GIB_STEPS.map((size) => size * 1024)].map((size) => size * MIB);
  const fitting = sizes.filter((size) => size <= machineBytes);
  const all = current === undefined ? fitting : [...fitting, current];
  return [...new Set(all)].sort((a, b) => a - b);
}
