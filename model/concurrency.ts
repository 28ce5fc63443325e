import type { Ordered } from "./order.ts";

/**
 * Services that cannot be at work at the same time as `name`: those it needs and those that need it, directly or through
 * others. All the rest may be in the middle of their own upgrade in the same run, so their health says nothing.
 */
export function neverAtWorkWith(services: readonly Pick<Ordered, "name" | "needs">[], name: string): Set<string> {
  const before = reach(name, (service) => services.find((one) => one.name === service)?.needs ?? []);
  const after = reach(name, (service) => services.filter((one) => one.needs.includes(service)).map((one) => one.name));
  return new Set([...before, ...after]);
}

function reach(start: string, next: (service: string) => readonly string[]): Set<string> {
  const found = new Set<string>();
  const open = [start];
  for (let service = open.pop(); service !== undefined; service = open.pop()) {
    for (const other of next(service)) {
      if (found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  }
  return found;
}
