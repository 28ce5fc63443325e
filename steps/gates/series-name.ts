/** A series as people know it from Prometheus: `name{label="value"}`, labels sorted. */
export function seriesName(labels: Readonly<Record<string, string>>): string {
  const { __name__: name = "", ...rest } = labels;
  const pairs = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${pairs.map(([key, value]) => `${key}="${value}"`).join(",")}}`;
}

/** Digits enough to compare, without noise. */
export function shortNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
