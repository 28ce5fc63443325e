/** The value below which `percentile` percent of the values are (nearest rank). Throws for no values. */
export function percentileOf(values: readonly number[], percentile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percentile / 100) * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError("no values to take a percentile of");
  return value;
}
