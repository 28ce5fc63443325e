import { splitTableName } from "../../../clients/sqlserver/quoting.ts";
import { copyRights, databaseRights, send, tableId } from "../../../clients/sqlserver/statements.ts";
import { CutoverError } from "../../../model/error.ts";
import type { SqlServerView } from "./view.ts";

/**
 * Asks before anything is begun whether the login may do all of it, so that no run ends after hours for a missing right.
 * @throws CutoverError CUT-5411 with every right that is missing.
 */
export async function checkRights(view: SqlServerView, databases: readonly string[]): Promise<void> {
  const missing = serverRightsMissing(view);
  for (const database of databases) missing.push(...(await databaseRightsMissing(view, database)));
  for (const table of view.settings.tables) missing.push(...(await tableRightsMissing(view, table)));
  if (missing.length === 0) return;
  throw new CutoverError({
    code: "CUT-5411",
    verdict: "failed",
    happened: `the login on ${view.master.server} lacks rights that the backup needs`,
    evidence: missing,
    untouched: "No backup was begun; nothing was changed.",
    next: "Grant what is missing, then run the same command again: in each database ALTER ROLE db_backupoperator ADD MEMBER [<user>]; on the server ALTER SERVER ROLE dbcreator ADD MEMBER [<login>].",
    exitCode: 16,
  });
}

function serverRightsMissing({ mayCreate, kind }: SqlServerView): string[] {
  // RDS backs up by a task of its own and reads nothing back.
  if (mayCreate || kind === "amazonRds") return [];
  return [
    kind === "azureSqlDatabase"
      ? "CREATE DATABASE in master (role dbmanager): a copy is the backup there"
      : "CREATE DATABASE: RESTORE VERIFYONLY and HEADERONLY need it, so that a backup could be made but not read back (role dbcreator)",
  ];
}

async function databaseRightsMissing({ master, kind }: SqlServerView, database: string): Promise<string[]> {
  if (kind === "azureSqlDatabase") return [];
  const [rights] = await send(master, databaseRights(database));
  if (rights?.may_open !== 1) return [`${database}: the login may not open it`];
  if (kind === "amazonRds" || rights.may_back_up === 1) return [];
  return [`${database}: BACKUP DATABASE (role db_backupoperator or db_owner)`];
}

async function tableRightsMissing(
  { context, server }: SqlServerView,
  { database, table: name }: { database: string; table: string },
): Promise<string[]> {
  const { schema, table } = splitTableName(name);
  const connection = await context.sqlServer(server, database);
  const [found] = await send(connection, tableId(schema, table));
  if (found === undefined || found.id === null) {
    return [`${database}: there is no table ${name}, or the login cannot see it`];
  }
  const [rights] = await send(connection, copyRights(schema, table));
  return [
    ...(rights?.may_select === 1 ? [] : [`${database}: SELECT on ${name}`]),
    ...(rights?.may_create === 1 ? [] : [`${database}: CREATE TABLE, for the copy of ${name}`]),
    ...(rights?.may_alter === 1 ? [] : [`${database}: ALTER on schema ${schema}, for the copy of ${name}`]),
  ];
}
