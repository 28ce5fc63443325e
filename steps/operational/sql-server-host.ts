import { isConnectionLost } from "../../clients/sqlserver/sql-error.ts";
import type { SqlRequestOptions, SqlServer } from "../../clients/sqlserver/contracts.ts";
import * as statements from "../../clients/sqlserver/statements.ts";
import { CutoverError } from "../../model/error.ts";
import type { DatabaseState } from "../../model/operational/restore-moves.ts";
import type { ServerKind } from "../../model/operational/server-kind.ts";
import type { StepContext } from "../context.ts";
import { stateOf, type DatabaseHost } from "./database-host.ts";
import { refusedKind } from "./host-refusals.ts";
import { restoreError } from "./sql-server-errors.ts";
import { deviceOf, placeFiles, verifySqlBackup, type FilePlaces } from "./sql-server-restore.ts";
import { dropSqlDatabase, renameSqlDatabase, waitForRestore } from "./sql-server-rename.ts";

const { send } = statements;

const mostReadings = 3;

/** What a host needs of one server. */
export interface SqlServerAccess {
  kind: ServerKind;
  place: { host: string; port: number; database: string };
  /** program_name of its sessions, the same in every attempt of the same work. */
  applicationName: string;
  /** A pool of its own on one database; the caller closes it. */
  connect(database: string): Promise<SqlServer>;
}

/**
 * Clones and restores on SQL Server, on an own machine or in a container. REPLACE is never used. A managed server can be looked at; what
 * changes it is refused with CUT-5530.
 */
export async function sqlServerHost(
  access: SqlServerAccess,
  context: Pick<StepContext, "signal" | "progress">,
  places: FilePlaces,
): Promise<DatabaseHost> {
  const master = await access.connect("master");
  const { signal } = context;
  const own = access.kind === "sqlServer" || access.kind === "sqlServerExpress";
  const refusal = own ? null : refusedKind(access.kind, master.server);
  const mayChange = (): void => {
    if (refusal !== null) throw refusal;
  };
  const host: DatabaseHost = {
    provider: "sqlserver",
    address: master.server,
    place: access.place,
    refusal,
    async identity() {
      const [names] = await send(master, statements.serverNames);
      // tempdb is made anew at every start: its age is the process's.
      const [temporary] = await send(master, statements.databaseNamed("tempdb"));
      const said = [names?.name, names?.server_name, names?.machine_name].filter((name) => typeof name === "string");
      return {
        provider: "sqlserver",
        address: master.server,
        names: [...new Set(said)],
        // Each database of Azure SQL Database has a tempdb of its own.
        startedAt: access.kind === "azureSqlDatabase" ? null : (temporary?.create_date.toISOString() ?? null),
      };
    },
    async names() {
      return (await send(master, statements.databasesLike("%"))).map(({ name }) => name);
    },
    async states(names) {
      const states = new Map<string, DatabaseState>();
      for (const name of names) {
        const [row] = await send(master, statements.databaseNamed(name));
        states.set(name, row === undefined ? await unseen(master, name) : stateOfDescription(row.state_desc));
      }
      return states;
    },
    async verify(backup) {
      mayChange();
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await verifySqlBackup(master, backup, signal);
        } catch (error) {
          // It only reads: a lost connection costs time, nothing else.
          const lost = error instanceof CutoverError && isConnectionLost(error.cause);
          if (!lost || attempt >= mostReadings) throw error;
          context.progress(`the connection was lost while the backup of ${backup.database} was read: reading it again`);
          await waitForRestore(access, signal);
        }
      }
    },
    async restore(backup, target) {
      mayChange();
      const moves = await placeFiles(master, backup, target, places);
      const statement = statements.restoreDatabase({ target, device: deviceOf(backup), move: moves });
      // Asked right before: without REPLACE RESTORE still goes over a database of the same family (facts/domain.md C3).
      const [found] = await send(master, statements.databaseId(target));
      if (found !== undefined && found.id !== null) throw restoreError("taken", backup, target, null);
      try {
        await send(master, statement, longWork(context, target));
      } catch (error) {
        signal.throwIfAborted();
        if (!isConnectionLost(error)) throw restoreError("failed", backup, target, error);
        context.progress(`the connection was lost while ${target} was restored: looking whether the server goes on`);
        await waitForRestore(access, signal);
        if ((await stateOf(host, target)) !== "online") throw restoreError("lost", backup, target, error);
      }
    },
    async rows(database) {
      const connection = await access.connect(database);
      try {
        const rows = await send(connection, statements.rowCounts);
        return Object.fromEntries(rows.map((row) => [`${row.schema}.${row.table}`, Number(row.rows)]));
      } finally {
        await connection.close();
      }
    },
    async rename(from, to) {
      mayChange();
      await renameSqlDatabase(master, from, to, signal);
    },
    async open(database) {
      const [row] = await send(master, statements.databaseNamed(database));
      if (row === undefined || row.user_access_desc === "MULTI_USER") return;
      await send(master, statements.multiUser(database));
    },
    async drop(database) {
      mayChange();
      await waitForRestore(access, signal);
      await dropSqlDatabase(master, database, signal);
    },
    async query(database, sql, parameters) {
      const connection = await access.connect(database);
      try {
        const rows = await connection.query<Record<string, unknown>>(sql, parameters);
        return rows.map((row) => Object.values(row));
      } finally {
        await connection.close();
      }
    },
    close: () => master.close(),
  };
  return host;
}

/** A database that sys.databases does not show may still be there: DB_ID knows it. */
async function unseen(master: SqlServer, name: string): Promise<DatabaseState> {
  const [row] = await send(master, statements.databaseId(name));
  return row === undefined || row.id === null ? "absent" : "unusable";
}

/** state_desc of sys.databases (SQL:relational-databases/system-catalog-views/sys-databases-transact-sql.md). */
function stateOfDescription(description: string): DatabaseState {
  if (description === "ONLINE") return "online";
  return description === "RESTORING" ? "partial" : "unusable";
}

/** No time limit, progress from the server's own messages (3211: "30 percent processed."). */
function longWork({ signal, progress }: Pick<StepContext, "signal" | "progress">, target: string): SqlRequestOptions {
  return {
    timeoutMilliseconds: 0,
    signal,
    onMessage: ({ number, text }) => {
      const percent = number === 3211 ? Number.parseInt(text, 10) : Number.NaN;
      if (percent % 25 === 0) progress(`${target}: ${percent} % restored`);
    },
  };
}
