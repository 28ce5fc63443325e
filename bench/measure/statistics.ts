import type { Goal, Result, Series, Unit } from "../contract.ts";

/** Value below which the share `p` (0 to 1) of the samples lies, by interpolation; NaN without samples. */
export function quantile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const position = (sorted.length - 1) * p;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** The value that a share `p` of the samples does not exceed: an observed one. For time limits, where a mixture of two samples says nothing. */
export function nearestRank(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? NaN;
}

/** The middle sample. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Median of the first series over median of the second. */
export function ratioOf(
  key: string,
  title: string,
  [first, second]: readonly [Series, Series],
  goal: Goal | null,
  more: { series?: readonly Series[]; notes?: readonly string[] } = {},
): Result {
  const value = median(first.samples) / median(second.samples);
  const series = [first, second, ...(more.series ?? [])];
  return { key, title, value, unit: "ratio", goal, series, notes: [...(more.notes ?? [])] };
}

/** The median of one series as a figure of its own. */
export function figureOf(
  key: string,
  title: string,
  series: Series,
  goal: Goal | null = null,
  notes: readonly string[] = [],
): Result {
  return { key, title, value: median(series.samples), unit: series.unit, goal, series: [series], notes: [...notes] };
}

/** An empty series. */
export function seriesOf(label: string, unit: Unit): Series {
  return { label, unit, samples: [] };
}

/** Exponent b of y = a * n^b between two sizes: 1 is linear growth. */
export function exponentBetween(small: [n: number, y: number], large: [n: number, y: number]): number {
  return Math.log(large[1] / small[1]) / Math.log(large[0] / small[0]);
}
