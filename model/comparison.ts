/** What a number is compared with, as in a gate's `expect`. */
export interface Comparison {
  operator: "==" | "!=" | "<" | "<=" | ">" | ">=";
  value: number;
}

/** True when `actual` satisfies the comparison. "Not a number" satisfies none: nothing was measured. */
export function satisfies(actual: number, comparison: Comparison): boolean {
  const { operator, value } = comparison;
  if (Number.isNaN(actual)) return false;
  switch (operator) {
    case "==":
      return actual === value;
    case "!=":
      return actual !== value;
    case "<":
      return actual < value;
    case "<=":
      return actual <= value;
    case ">":
      return actual > value;
    case ">=":
      return actual >= value;
  }
}

/** As people write it: `>= 2`. */
export function describeComparison({ operator, value }: Comparison): string {
  return `${operator} ${value}`;
}
