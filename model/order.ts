import { CutoverError } from "./error.ts";

/** What ordering needs to know of a service. */
export interface Ordered {
  name: string;
  role: string;
  /** Names of services that must be verified before this one starts on an upgrade. */
  needs: readonly string[];
}

export const operations = ["install", "upgrade", "rollback", "uninstall"] as const;
export type Operation = (typeof operations)[number];

/**
 * Upgrade order: every service after all that it needs, otherwise as declared. Needs outside the list are no obstacle
 * (the service is pinned `absent`). Throws CUT-3010 naming the services of a cycle.
 */
export function upgradeOrder<Service extends Ordered>(services: readonly Service[]): Service[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const done = new Set<string>();
  const ordered: Service[] = [];
  const visit = (service: Service, path: readonly string[]): void => {
    if (done.has(service.name)) return;
    const start = path.indexOf(service.name);
    if (start >= 0) throw cycleError([...path.slice(start), service.name]);
    for (const need of service.needs) {
      const needed = byName.get(need);
      if (needed !== undefined) visit(needed, [...path, service.name]);
    }
    done.add(service.name);
    ordered.push(service);
  };
  for (const service of services) visit(service, []);
  return ordered;
}

function cycleError(cycle: readonly string[]): CutoverError {
  return new CutoverError({
    code: "CUT-3010",
    verdict: "failed",
    happened: `the services need one another in a circle: ${cycle.join(" needs ")}`,
    untouched: "nothing was touched",
    next: "remove one of these `needs` in the platform's definition",
    exitCode: 2,
  });
}

/**
 * Install order: as `installOrder` lists the roles (or names); services that it does not list follow in upgrade order.
 * An empty list means that the platform installs in upgrade order. Throws CUT-3010.
 */
export function installOrder<Service extends Ordered>(
  services: readonly Service[],
  order: readonly string[],
): Service[] {
  const rank = (service: Service): number => {
    const byName = order.indexOf(service.name);
    const found = byName >= 0 ? byName : order.indexOf(service.role);
    return found >= 0 ? found : order.length;
  };
  return upgradeOrder(services).sort((a, b) => rank(a) - rank(b));
}

/** The services in the order of an operation: rollback is upgrade reversed, uninstall is install reversed. Throws CUT-3010. */
export function orderFor<Service extends Ordered>(
  operation: Operation,
  services: readonly Service[],
  installRoles: readonly string[],
): Service[] {
  switch (operation) {
    case "upgrade":
      return upgradeOrder(services);
    case "rollback":
      return upgradeOrder(services).reverse();
    case "install":
      return installOrder(services, installRoles);
    case "uninstall":
      return installOrder(services, installRoles).reverse();
  }
}

/**
 * Services in upgrade order, turned round for a rollback: each comes after those that needed it, so that a service goes back before what it
 * rests on. `needs` are turned round too.
 */
export function turnedRound<Service extends Ordered>(services: readonly Service[]): Service[] {
  return [...services].reverse().map((service) => ({
    ...service,
    needs: services.filter(({ needs }) => needs.includes(service.name)).map(({ name }) => name),
  }));
}

/** The first service that stands before one that it needs, or null when the order holds. */
export function firstOutOfOrder(services: readonly Ordered[]): { service: string; needs: string } | null {
  const names = new Set(services.map((service) => service.name));
  const seen = new Set<string>();
  for (const service of services) {
    const early = service.needs.find((need) => names.has(need) && !seen.has(need));
    if (early !== undefined) return { service: service.name, needs: early };
    seen.add(service.name);
  }
  return null;
}
