import { readAddress } from "../operational/server-address.ts";
import { sameServer, serverText, type DatabaseAddress } from "./database-address.ts";

/** What was recorded of the v6 environment (seed 000: server, caches and queue point at the current v6 environment). */
export interface RecordedEnvironment {
  /** As v6 names it, such as `sql01,1433`. */
  server?: string | undefined;
  core?: string | undefined;
  cacheProvider?: string | undefined;
  queueProvider?: string | undefined;
}

/** A place that names the core database, such as `the stack's Secret` or `Secret rpi/redpoint-rpi-secrets`. */
export interface NamedAddress {
  where: string;
  address: DatabaseAddress;
}

export interface EnvironmentFacts {
  mode: "inPlace" | "clone";
  /** Where the stack's databases are. */
  stack: NamedAddress;
  /** v6's databases; only in mode clone. */
  source: NamedAddress | null;
  /** Every other place that leads v7 to a database. */
  used: NamedAddress[];
  /** Name of the core database of the stack. */
  core: string;
  /** True when the tenants' connections in the clone are rewritten and checked. */
  tenantsAreRewritten: boolean;
  recorded: RecordedEnvironment | null;
  providers: { cache: string | null; queue: string | null };
}

/**
 * In place: everything points at the current v6 environment. Clone: nothing does; a cloned core database still knows v6's tenant
 * databases, so on the same server they must be rewritten (facts/domain.md A8, F18). Names only: an alias can hide that two are one.
 */
export function environmentProblems(facts: EnvironmentFacts): string[] {
  return facts.mode === "inPlace" ? inPlaceProblems(facts) : cloneProblems(facts);
}

function inPlaceProblems(facts: EnvironmentFacts): string[] {
  const { stack, recorded, providers } = facts;
  const problems = facts.used
    .filter(({ address }) => !sameServer(address, stack.address))
    .map((one) => `${one.where} leads to ${serverText(one.address)}, ${stack.where} to ${serverText(stack.address)}`);
  if (recorded === null) return problems;
  if (recorded.server !== undefined && !isServer(stack.address, recorded.server))
    problems.push(`${stack.where} leads to ${serverText(stack.address)}; recorded of v6: ${recorded.server}`);
  if (recorded.core !== undefined && recorded.core.toLowerCase() !== facts.core.toLowerCase())
    problems.push(`the core database is ${facts.core}; recorded of v6: ${recorded.core}`);
  if (recorded.cacheProvider !== undefined && recorded.cacheProvider !== providers.cache)
    problems.push(`the realtime cache is ${providers.cache ?? "not set"}; recorded of v6: ${recorded.cacheProvider}`);
  if (recorded.queueProvider !== undefined && recorded.queueProvider !== providers.queue)
    problems.push(`the realtime queue is ${providers.queue ?? "not set"}; recorded of v6: ${recorded.queueProvider}`);
  return problems;
}

function cloneProblems(facts: EnvironmentFacts): string[] {
  const { stack, source, recorded } = facts;
  if (source === null) return ["operationalDatabases.source is not set: it is where the clones are copied from"];
  const places = [stack, ...facts.used];
  const problems = facts.used
    .filter(({ address }) => !sameServer(address, stack.address))
    .map((one) => `${one.where} leads to ${serverText(one.address)}, ${stack.where} to ${serverText(stack.address)}`);
  problems.push(
    ...places
      .filter(({ address }) => sameServer(address, source.address) && sameName(address, source.address))
      .map((one) => `${one.where} leads to v6's own database ${one.address.database} on ${serverText(one.address)}`),
  );
  if (recorded?.server !== undefined && recorded.core !== undefined) {
    const { server, core } = recorded;
    problems.push(
      ...places
        .filter(({ address }) => isServer(address, server) && address.database.toLowerCase() === core.toLowerCase())
        .map((one) => `${one.where} leads to the recorded v6 database ${core} on ${server}`),
    );
  }
  if (sameServer(stack.address, source.address) && !facts.tenantsAreRewritten) {
    problems.push(
      `clones on v6's own server ${serverText(source.address)} need operationalDatabases.tenantConnections: the cloned core database still leads to v6's tenant databases; or use another server`,
    );
  }
  return problems;
}

// Without a database in the string the login's default counts, which nobody here knows: that is no proof of a difference.
function sameName(one: DatabaseAddress, other: DatabaseAddress): boolean {
  return one.database === "" || one.database.toLowerCase() === other.database.toLowerCase();
}

function isServer(address: DatabaseAddress, server: string): boolean {
  const { host, instance, port } = readAddress(server);
  if (host !== address.host || instance !== address.instance) return false;
  return port === null || instance !== null || port === address.port;
}
