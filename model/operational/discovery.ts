import type { OperationalDatabases } from "../operational-databases.ts";
import { cloneName } from "./clone-names.ts";
import { isKeptName } from "./restore-moves.ts";

/** What a database is for; Redpoint's own names (facts/domain.md A8). */
export type DatabaseRole = "core" | "logging" | "operational" | "audit" | "realtime" | "additional";

/** A database as the server lists it. */
export interface FoundDatabase {
  name: string;
  /** `ONLINE`, or why it cannot be used: `RESTORING`, `OFFLINE`, `SUSPECT`, ... */
  state: string;
}

/** A database that belongs to the platform. `tenant`: its suffix, of operational and audit databases only. */
export interface PlatformDatabase extends FoundDatabase {
  role: DatabaseRole;
  tenant: string | null;
}

/** What has to be looked for: exact names, and the texts around a tenant's suffix. */
export interface DatabaseNames {
  named: { name: string; role: DatabaseRole }[];
  operational: { before: string; after: string };
  audit: { before: string; after: string };
}

/** What was found of it. `named` in any order; the other two: everything that the server's own LIKE matched. */
export interface DatabaseListing {
  named: readonly FoundDatabase[];
  operational: readonly FoundDatabase[];
  audit: readonly FoundDatabase[];
}

export interface DiscoveryDecision {
  databases: PlatformDatabase[];
  /** Suffixes, as the operational databases write them. */
  tenants: string[];
  /** Why the list cannot be relied on, one line each; empty: it can. */
  problems: string[];
}

/** Names on a server. `template`: of the clones (`${database}` is the source's name), null where the databases have their own names. */
export function namesToFind(settings: OperationalDatabases, template: string | null): DatabaseNames {
  const named = (name: string): string => (template === null ? name : cloneName(template, name));
  // A character that no name can hold marks where the suffix goes.
  const around = (prefix: string): { before: string; after: string } => {
    const [before = "", after = ""] = named(`${prefix}\0`).split("\0");
    return { before, after };
  };
  const { core, logging, realtime, additional } = settings;
  return {
    named: [
      { name: named(core), role: "core" },
      { name: named(logging), role: "logging" },
      ...realtime.map((name) => ({ name: named(name), role: "realtime" as const })),
      ...additional.map((name) => ({ name: named(name), role: "additional" as const })),
    ],
    operational: around("Interaction_"),
    audit: around("InteractionAudit_"),
  };
}

/**
 * Puts together what was found. Everything that has to be there is, each tenant has both databases, nothing is in a state in
 * which it cannot be backed up: otherwise a problem each. `acknowledged`: `database/<name>` lets a database without its
 * counterpart pass; it is then an additional one.
 */
export function decideDiscovery(
  names: DatabaseNames,
  listing: DatabaseListing,
  expected: { tenants: readonly string[]; acknowledged: readonly string[] },
): DiscoveryDecision {
  const problems: string[] = [];
  const databases: PlatformDatabase[] = [];
  const add = (found: FoundDatabase, role: DatabaseRole, tenant: string | null): void => {
    if (databases.some((other) => other.name === found.name)) return;
    databases.push({ ...found, role, tenant });
  };
  for (const { name, role } of names.named) {
    const found = pick(listing.named, (one) => one.name, name);
    if (found === undefined) problems.push(`${name} (${role}) is not there`);
    else add(found, role, null);
  }
  const suffixOf = ({ before, after }: { before: string; after: string }) => {
    return (found: FoundDatabase): string => found.name.slice(before.length, found.name.length - after.length);
  };
  const [operationalSuffix, auditSuffix] = [suffixOf(names.operational), suffixOf(names.audit)];
  const listed = new Set(databases.map(({ name }) => name));
  const own = ({ name }: FoundDatabase): boolean => !listed.has(name) && !isOurCopy(name);
  const operational = listing.operational.filter(own);
  const audit = listing.audit.filter(own);
  const tenants: string[] = [];
  const paired = new Set<FoundDatabase>();
  for (const found of operational) {
    const tenant = operationalSuffix(found);
    const counterpart = tenant === "" ? undefined : pick(audit, auditSuffix, tenant);
    if (counterpart === undefined) continue;
    paired.add(found).add(counterpart);
    tenants.push(tenant);
    add(found, "operational", tenant);
    add(counterpart, "audit", tenant);
  }
  const alone = [
    ...operational.map((found) => ({ found, wants: nameOf(names.audit, operationalSuffix(found)) })),
    ...audit.map((found) => ({ found, wants: nameOf(names.operational, auditSuffix(found)) })),
  ].filter(({ found }) => !paired.has(found));
  for (const { found, wants } of alone) {
    if (expected.acknowledged.includes(`database/${found.name}`)) add(found, "additional", null);
    else problems.push(`${found.name} has no ${wants} beside it`);
  }
  for (const tenant of expected.tenants) {
    if (pick(tenants, (one) => one, tenant) === undefined) {
      problems.push(
        `tenant ${tenant}: ${nameOf(names.operational, tenant)} with ${nameOf(names.audit, tenant)} is not there`,
      );
    }
  }
  if (tenants.length === 0 && expected.tenants.length === 0) {
    problems.push(`no tenant was found: there is no ${nameOf(names.operational, "...")} with its audit database`);
  }
  for (const { name, state } of databases) {
    if (state.toUpperCase() !== "ONLINE") problems.push(`${name} is ${state}, not ONLINE`);
  }
  return { databases, tenants, problems };
}

function nameOf({ before, after }: { before: string; after: string }, suffix: string): string {
  return `${before}${suffix}${after}`;
}

/** Exactly this text, else the only one that differs in upper and lower case alone (most servers' collations do not tell them apart). */
function pick<Value>(values: readonly Value[], textOf: (value: Value) => string, wanted: string): Value | undefined {
  const exact = values.find((value) => textOf(value) === wanted);
  if (exact !== undefined) return exact;
  const similar = values.filter((value) => textOf(value).toLowerCase() === wanted.toLowerCase());
  return similar.length === 1 ? similar[0] : undefined;
}

/** Copies that restores of cutover left or kept beside a database: they look like a tenant's and are none. */
function isOurCopy(name: string): boolean {
  return isKeptName(name) || /._restore_\d{8}_\d{6}[^_]*$/.test(name);
}
