import { join } from "node:path";
import type { OperationalDatabases } from "../../model/operational-databases.ts";
import { decideDiscovery, namesToFind, type FoundDatabase } from "../../model/operational/discovery.ts";
import type { Postgres } from "../../clients/contracts.ts";
import type { BackedUp, BackUpRequest, Discovered, OperationalServer } from "./contracts.ts";
import { incompleteList } from "./postgres-errors.ts";
import { openPostgres } from "./open-postgres.ts";
import { maintenanceDatabase, withPostgres, type PostgresAccess } from "./postgres-access.ts";
import { backUpPostgres } from "./postgres-back-up.ts";
import { copyPostgresTable } from "./postgres-tables.ts";
import type { OperationalContext, WhichServer } from "./server.ts";

/** The platform's databases on PostgreSQL, the other provider of the chart (facts/domain.md A5). Names are case sensitive. */
export async function openPostgresDatabases(
  context: OperationalContext,
  settings: OperationalDatabases,
  which: WhichServer,
): Promise<OperationalServer> {
  const access = await openPostgres(
    context,
    which === "source" ? (settings.source ?? settings.server) : settings.server,
  );
  return postgresServer(context, access, settings, which);
}

/** The same with an access of one's own. */
export function postgresServer(
  context: OperationalContext,
  access: PostgresAccess,
  settings: OperationalDatabases,
  which: WhichServer,
): OperationalServer {
  const server = `${access.credentials.host}:${access.credentials.port}`;
  const template = settings.mode === "clone" && which === "server" ? (settings.clone?.name ?? "${database}") : null;
  return {
    server,
    async discover(acknowledged): Promise<Discovered> {
      const names = namesToFind(settings, template);
      return withPostgres(access, maintenanceDatabase, async (connection) => {
        const [facts] = await connection.query<{ version: string }>(
          "SELECT current_setting('server_version') AS version",
        );
        const decided = decideDiscovery(
          names,
          {
            named: await listNamed(
              connection,
              names.named.map(({ name }) => name),
            ),
            operational: await listLike(connection, names.operational),
            audit: await listLike(connection, names.audit),
          },
          { tenants: settings.tenants, acknowledged },
        );
        if (decided.problems.length > 0) throw incompleteList(server, decided.problems);
        const { databases, tenants } = decided;
        return { server, kind: "postgresql", version: facts?.version ?? "", databases, tenants };
      });
    },
    async backUp(discovered: Discovered, request: BackUpRequest): Promise<BackedUp> {
      const databases = [];
      const notes: string[] = [];
      for (const { name } of discovered.databases) {
        context.signal.throwIfAborted();
        const done = await backUpPostgres(context, access, {
          database: name,
          folder: join(request.folder, "databases"),
          run: request.run,
        });
        databases.push(done.backup);
        if (done.kept) notes.push(`${name}: the dump of an earlier attempt is kept, it was read again`);
      }
      const tables = [];
      for (const table of settings.tables) tables.push(await copyPostgresTable(access, table, request.run));
      return { databases, tables, notes };
    },
  };
}

const columns =
  "SELECT datname AS name, datallowconn AND has_database_privilege(oid, 'CONNECT') AS open FROM pg_database";

async function listNamed(connection: Postgres, names: readonly string[]): Promise<FoundDatabase[]> {
  return found(
    await connection.query<Row>(`${columns} WHERE datname = ANY($1) AND NOT datistemplate ORDER BY datname`, [names]),
  );
}

async function listLike(
  connection: Postgres,
  { before, after }: { before: string; after: string },
): Promise<FoundDatabase[]> {
  const pattern = `${escapeLike(before)}%${escapeLike(after)}`;
  return found(
    await connection.query<Row>(`${columns} WHERE datname LIKE $1 AND NOT datistemplate ORDER BY datname`, [pattern]),
  );
}

interface Row {
  name: string;
  open: boolean;
}

function found(rows: readonly Row[]): FoundDatabase[] {
  return rows.map(({ name, open }) => ({ name, state: open ? "ONLINE" : "closed to this login" }));
}

/** `_` is a wildcard in LIKE: `Interaction\_` is not `InteractionAudit`. */
function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
