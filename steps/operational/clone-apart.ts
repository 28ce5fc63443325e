import { messageOf } from "../../model/error.ts";
import type { OperationalDatabases } from "../../model/operational-databases.ts";
import { cloneName, cloneNameProblems } from "../../model/operational/clone-names.ts";
import { isSameServer, type ServerIdentity } from "../../model/operational/server-identity.ts";
import {
  describeConnection,
  judgeConnections,
  rewritesOf,
  type CloneFacts,
  type JudgedConnection,
  type TenantRow,
} from "../../model/operational/tenant-connections.ts";
import { keepSecret, redactText } from "../redaction.ts";
import { statementProblem } from "./clone-errors.ts";
import { stateOf, type DatabaseHost } from "./database-host.ts";
import { openHost } from "./open-host.ts";
import type { OperationalContext } from "./server.ts";

/** Whether nothing that is done to the clone can reach its source. */
export interface ApartResult {
  /** Empty: it is apart. One line each, without any login. */
  problems: string[];
  evidence: string[];
  /** Every connection that the user's query shows; empty when there is no query, or no clone yet. */
  connections: JudgedConnection[];
}

/** Two servers and the names of the databases on them. */
export interface Pair {
  source: DatabaseHost;
  target: DatabaseHost;
  settings: OperationalDatabases;
  /** Name of the source's database -> name of its clone. */
  names: ReadonlyMap<string, string>;
}

/**
 * Asks whether the clone is apart from its source (facts/domain.md A8): another server, or connections that were proven to lead to the
 * clone. For preflight (`before` there is a clone) and right before the upgrade is called (`after`). `databases`: the source's names.
 */
export async function checkCloneIsApart(
  context: OperationalContext,
  settings: OperationalDatabases,
  input: { databases: readonly string[]; when: "before" | "after" },
): Promise<ApartResult> {
  const source = await openHost(context, settings, "source");
  try {
    const target = await openHost(context, settings, "server");
    try {
      const template = templateOf(settings);
      const names = new Map(input.databases.map((name) => [name, cloneName(template, name)]));
      const pair = { source, target, settings, names };
      const before = await judgeServers(pair);
      if (input.when === "before" || settings.tenantConnections === undefined) return before;
      if ((await stateOf(target, cloneName(template, settings.core))) !== "online") {
        const core = cloneName(template, settings.core);
        return { ...before, problems: [...before.problems, `the clone's core database ${core} is not there`] };
      }
      const connections = judgeConnections(await readRows(pair), await factsOf(pair));
      return joined(before, connections);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** What can be said without any clone: servers and names. */
export async function judgeServers({ source, target, settings, names }: Pair): Promise<ApartResult> {
  const [from, to] = [await source.identity(), await target.identity()];
  const same = isSameServer(from, to);
  const core = cloneName(templateOf(settings), settings.core);
  const problems = cloneNameProblems(names, { provider: settings.provider, sameServer: same });
  if (same && settings.tenantConnections?.rewrite === undefined) {
    problems.push(
      `source and clone are on the same server (${describe(from)} is ${describe(to)}), and the clone's core database holds the connections ` +
        `to the source's tenants: the upgrade would migrate those. Use another server, or configure tenantConnections with query and rewrite`,
    );
  }
  if (!sameText(target.place.database, core, settings)) {
    problems.push(
      `the connection string of cutover:operationalDatabases.server leads to the database ${target.place.database}; the clone's core database is ${core}`,
    );
  }
  const evidence = [`source ${describe(from)}`, `clone ${describe(to)}, ${same ? "the same" : "another"} server`];
  return { problems, evidence, connections: [] };
}

/** Rewrites what leads to the source, and reads again what is there then. */
export async function rewriteConnections(pair: Pair): Promise<{ rewritten: number; connections: JudgedConnection[] }> {
  const { target, settings } = pair;
  const { tenantConnections } = settings;
  if (tenantConnections === undefined) return { rewritten: 0, connections: [] };
  const facts = await factsOf(pair);
  const core = cloneName(templateOf(settings), settings.core);
  const rows = await readRows(pair);
  const rewrites = tenantConnections.rewrite === undefined ? [] : rewritesOf(rows, facts);
  for (const rewrite of rewrites) {
    try {
      await target.query(core, tenantConnections.rewrite ?? "", { ...rewrite });
    } catch (error) {
      throw statementProblem("rewrite", `tenant ${rewrite.tenant}: ${safeMessage(error)}`);
    }
  }
  const after = rewrites.length === 0 ? rows : await readRows(pair);
  return { rewritten: rewrites.length, connections: judgeConnections(after, facts) };
}

/** The problems of connections, added to those of the servers. */
export function joined(before: ApartResult, connections: readonly JudgedConnection[]): ApartResult {
  const wrong = connections.filter((one) => one.state !== "clone").map(describeConnection);
  const none =
    connections.length === 0 ? ["tenantConnections.query shows no connection at all: nothing is proven by it"] : [];
  return {
    problems: [...before.problems, ...none, ...wrong],
    evidence: [
      ...before.evidence,
      `${connections.length - wrong.length} of ${connections.length} tenant connections lead to the clone`,
    ],
    connections: [...connections],
  };
}

async function readRows({ target, settings }: Pair): Promise<TenantRow[]> {
  const core = cloneName(templateOf(settings), settings.core);
  let rows: unknown[][];
  try {
    rows = await target.query(core, settings.tenantConnections?.query ?? "");
  } catch (error) {
    throw statementProblem("query", safeMessage(error));
  }
  return rows.map((row) => {
    const [tenant, server, database] = row;
    if (row.length !== 3)
      throw statementProblem(
        "query",
        `a row has ${row.length} columns; wanted: tenant, server, database, each with a name of its own`,
      );
    const text = { tenant: plain(tenant), server: plain(server), database: plain(database) };
    // They may be whole connection strings: known from now on to everything that is printed or recorded.
    for (const value of [text.server, text.database]) if (/password|pwd/i.test(value)) keepSecret(value);
    return text;
  });
}

async function factsOf({ source, target, names }: Pair): Promise<CloneFacts> {
  const [from, to] = [await source.identity(), await target.identity()];
  return { source: from, target: to, place: target.place, clones: names };
}

export function templateOf(settings: OperationalDatabases): string {
  return settings.clone?.name ?? "${database}";
}

function describe({ address, names }: ServerIdentity): string {
  const [name] = names;
  return name === undefined ? address : `${address} (${name})`;
}

function sameText(a: string, b: string, { provider }: OperationalDatabases): boolean {
  return provider === "sqlserver" ? a.toLowerCase() === b.toLowerCase() : a === b;
}

function plain(value: unknown): string {
  if (typeof value === "string") return value.trim();
  return typeof value === "number" || typeof value === "bigint" ? String(value) : "";
}

/** A server's message may quote the value that it could not use. */
function safeMessage(error: unknown): string {
  return redactText(messageOf(error));
}
