import { CutoverError } from "./error.ts";
import { didYouMean } from "./suggestion.ts";
import type { PlatformDefinition, RoleDefinition } from "./platform.ts";
import type { StackSettings } from "./stack-settings.ts";

export interface Tenant {
  id: string;
  uuid?: string | undefined;
}

/** A place for one Helm release, before it is known what fills it. */
export interface ServiceSlot {
  /** Unique in the stack: `gim-t100`, `gsp`. */
  name: string;
  role: string;
  tenant: Tenant | null;
  namespace: string;
  helmRelease: string;
  /** Names of the services that must be verified before it starts. */
  needs: string[];
  /** Release set it is held at, null when it follows the stack. */
  pin: string | null;
  /** True when the role owns the platform's database. */
  database: boolean;
}

export type ExpansionSettings = Pick<StackSettings, "tenants" | "namespaces" | "pins">;

/**
 * The services of a stack in upgrade order: tenants expanded, `absent` ones left out. Throws CUT-2031 for missing or
 * doubled tenants and CUT-2032 for pins of services that do not exist.
 */
export function expandServices(platform: PlatformDefinition, settings: ExpansionSettings): ServiceSlot[] {
  checkTenants(platform, settings.tenants);
  const roles = new Map(platform.roles.map((role) => [role.role, role]));
  const slots = platform.order.upgrade.flatMap((name) => {
    const role = roles.get(name);
    return role === undefined ? [] : slotsOf(role, settings);
  });
  checkPins(settings.pins, slots);
  const present = slots.filter((slot) => slot.pin !== "absent");
  for (const [index, slot] of present.entries()) {
    slot.needs = platform.sequential
      ? present.slice(index - 1, index).map((before) => before.name)
      : neededBy(slot, roles.get(slot.role), present);
  }
  return present;
}

/** Namespace of a role: the single one, or the prefix and the name of the role that owns the namespace (seed 001). */
export function namespaceOf(role: RoleDefinition, namespaces: StackSettings["namespaces"]): string {
  return namespaces.single ?? namespaces.prefix + (role.namespaceOf ?? role.role);
}

function slotsOf(role: RoleDefinition, settings: ExpansionSettings): ServiceSlot[] {
  const apart = role.namespacePerTenant === true;
  const tenants: (Tenant | null)[] = role.perTenant === true ? settings.tenants : [null];
  return tenants.map((tenant) => {
    const name = tenant === null ? role.role : `${role.role}-${tenant.id}`;
    return {
      name,
      role: role.role,
      tenant,
      namespace: namespaceOf(role, settings.namespaces) + (apart && tenant !== null ? `-${tenant.id}` : ""),
      helmRelease: name,
      needs: [],
      pin: settings.pins[name] ?? settings.pins[role.role] ?? null,
      database: role.database === true,
    };
  });
}

// A tenant's service needs only the same tenant's services where both sides exist per tenant.
function neededBy(slot: ServiceSlot, role: RoleDefinition | undefined, present: readonly ServiceSlot[]): string[] {
  return present
    .filter((other) => role?.needs?.includes(other.role) === true)
    .filter((other) => slot.tenant === null || other.tenant === null || other.tenant.id === slot.tenant.id)
    .map((other) => other.name);
}

function checkTenants(platform: PlatformDefinition, tenants: readonly Tenant[]): void {
  const perTenant = platform.roles.filter((role) => role.perTenant === true).map((role) => role.role);
  const ids = tenants.map((tenant) => tenant.id);
  const doubled = ids.find((id, index) => ids.indexOf(id) !== index);
  if (doubled === undefined && (perTenant.length === 0 || ids.length > 0)) return;
  throw new CutoverError({
    code: "CUT-2031",
    verdict: "errored",
    happened:
      doubled === undefined
        ? `platform ${platform.name} has one ${perTenant.join(" and one ")} per tenant, but the stack names no tenant`
        : `tenant ${doubled} is listed twice`,
    untouched: "nothing was touched",
    next: "list every tenant once under cutover:tenants, such as `- id: t100`",
    exitCode: 2,
  });
}

function checkPins(pins: Readonly<Record<string, string>>, slots: readonly ServiceSlot[]): void {
  const known = [...new Set(slots.flatMap((slot) => [slot.role, slot.name]))];
  const unknown = Object.keys(pins).find((pin) => !known.includes(pin));
  if (unknown === undefined) return;
  throw new CutoverError({
    code: "CUT-2032",
    verdict: "errored",
    happened: `cutover:pins names ${unknown}, which this stack does not have${didYouMean(unknown, known)}`,
    evidence: [`services and roles: ${known.join(", ")}`],
    untouched: "nothing was touched",
    next: "pin one of these, or remove the line",
    exitCode: 2,
  });
}
