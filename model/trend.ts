/** A sample; time in seconds. */
export interface Point {
  time: number;
  value: number;
}

/** What the trend of one series is judged by; see `metricGate` in model/gate.ts. */
export interface TrendRule {
  windowSeconds: number;
  minimumSamples: number;
  /** Growth over the window that still counts as "not growing". */
  tolerance: number;
}

export type TrendVerdict = "steady" | "growing" | "tooFewSamples" | "notANumber";

export interface Trend {
  verdict: TrendVerdict;
  /** Growth over the window in the metric's unit; 0 when it could not be judged. */
  growth: number;
  maximum: number;
  last: number;
  samples: number;
}

/**
 * Judges whether a series grows. Growth is the larger of two figures, each blind to what the other sees: the median of all pairwise slopes
 * times the window (a steady climb; single spikes do not move it) and the median of the last third minus that of the first third (a step or
 * a late climb).
 */
export function judgeTrend(points: readonly Point[], rule: TrendRule): Trend {
  const values = points.map((point) => point.value);
  const maximum = values.reduce((highest, value) => Math.max(highest, value), -Infinity);
  const facts = { growth: 0, maximum, last: values.at(-1) ?? NaN, samples: points.length };
  if (points.length < rule.minimumSamples) return { verdict: "tooFewSamples", ...facts };
  if (values.some((value) => !Number.isFinite(value))) return { verdict: "notANumber", ...facts };
  const growth = Math.max(medianSlope(points) * rule.windowSeconds, stepBetweenThirds(points));
  // Without this, rounding in the slope of a constant series could show as growth when the tolerance is 0.
  const noise = 1e-9 * Math.max(1, Math.abs(maximum));
  return { ...facts, growth, verdict: growth > rule.tolerance + noise ? "growing" : "steady" };
}

/** A counter without its resets: whenever it falls, it began anew from 0 (a restarted process), so nothing counted is lost. */
export function withoutResets(points: readonly Point[]): Point[] {
  let offset = 0;
  let previous = -Infinity;
  return points.map((point) => {
    if (point.value < previous) offset += previous;
    previous = point.value;
    return { time: point.time, value: point.value + offset };
  });
}

/** True for names that by Prometheus' conventions are counters. */
export function isCounterName(name: string): boolean {
  return /_(total|count|sum|bucket)$/.test(name);
}

/** The middle value; of an even number, the mean of the two in the middle. NaN when there is none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

// Pairs grow with the square: 300 points are 45 000 slopes, which takes a few milliseconds.
const mostPoints = 300;

function medianSlope(points: readonly Point[]): number {
  const stride = Math.ceil(points.length / mostPoints);
  const thinned = points.filter((_, index) => index % stride === 0);
  const slopes: number[] = [];
  thinned.forEach((from, index) => {
    for (const to of thinned.slice(index + 1)) {
      if (to.time > from.time) slopes.push((to.value - from.value) / (to.time - from.time));
    }
  });
  return slopes.length === 0 ? 0 : median(slopes);
}

function stepBetweenThirds(points: readonly Point[]): number {
  const third = Math.max(1, Math.floor(points.length / 3));
  const valuesOf = (part: readonly Point[]) => part.map((point) => point.value);
  return median(valuesOf(points.slice(-third))) - median(valuesOf(points.slice(0, third)));
}
