import type { SqlServer } from "../../../clients/sqlserver/contracts.ts";
import {
  azureRights,
  googleRole,
  send,
  serverFacts,
  serverRights,
  type ServerFactsRow,
} from "../../../clients/sqlserver/statements.ts";
import { CutoverError } from "../../../model/error.ts";
import { serverKindOf, type ServerKind } from "../../../model/operational/server-kind.ts";
import type { DatabaseServer, OperationalDatabases } from "../../../model/operational-databases.ts";
import type { OperationalContext, WhichServer } from "../server.ts";

/** A SQL Server with what it says of itself and of the login. */
export interface SqlServerView {
  context: OperationalContext;
  settings: OperationalDatabases;
  server: DatabaseServer;
  /** Connected to master, from which all databases are seen. */
  master: SqlServer;
  kind: ServerKind;
  facts: ServerFactsRow;
  /** False: sys.databases is a short list for this login. */
  seesAll: boolean;
  /** VIEW SERVER STATE: running statements of other sessions are seen. */
  seesRequests: boolean;
  /** CREATE DATABASE, which reading a backup needs too. */
  mayCreate: boolean;
}

/** Settings of one of the two servers. @throws CutoverError CUT-5402 when clones have no source. */
export function serverOf(settings: OperationalDatabases, which: WhichServer): DatabaseServer {
  if (which === "server" || settings.mode === "inPlace") return settings.server;
  if (settings.source !== undefined) return settings.source;
  throw new CutoverError({
    code: "CUT-5402",
    verdict: "failed",
    happened: "mode clone needs the server that clones are copied from, and none is configured",
    untouched: "Nothing was connected to.",
    next: "Set source under cutover:operationalDatabases in the stack file.",
    exitCode: 17,
  });
}

/** Connects and asks what kind of server it is and what the login may do. */
export async function viewServer(
  context: OperationalContext,
  settings: OperationalDatabases,
  which: WhichServer,
): Promise<SqlServerView> {
  const server = serverOf(settings, which);
  const master = await context.sqlServer(server, "master");
  const [facts] = await send(master, serverFacts);
  if (facts === undefined) throw new Error("SQL Server returned no facts of itself");
  const azure = facts.edition === 5;
  const [role] = azure ? [] : await send(master, googleRole);
  const kind = serverKindOf({ edition: facts.edition, rdsDatabase: facts.rds, googleRole: role?.id ?? null });
  // Its two clocks are read one after the other, maybe around a full minute; time zones are quarters of an hour.
  const offset_minutes = Math.round(facts.offset_minutes / 15) * 15;
  const common = { context, settings, server, master, kind, facts: { ...facts, offset_minutes } };
  if (azure) {
    const [rights] = await send(master, azureRights);
    const mayCreate = rights?.may_create === 1;
    // There who may create databases sees all of them (sys.databases, permissions); the server's permissions cannot be asked.
    return { ...common, seesAll: mayCreate, seesRequests: false, mayCreate };
  }
  const [rights] = await send(master, serverRights);
  return {
    ...common,
    seesAll: rights?.sees_all === 1,
    seesRequests: rights?.sees_requests === 1,
    mayCreate: rights?.may_create_any === 1 || rights?.may_create === 1,
  };
}
