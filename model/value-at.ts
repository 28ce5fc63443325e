/** The value at a dotted path of Helm values; undefined when there is none. */
export function readValueAt(values: unknown, path: string): unknown {
  let current: unknown = values;
  for (const key of path.split(".")) {
    if (current === null || typeof current !== "object" || Array.isArray(current)) return undefined;
    current = new Map(Object.entries(current)).get(key);
  }
  return current;
}
