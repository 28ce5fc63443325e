import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CutoverError, describeError } from "../../../model/error.ts";
import { operationalDatabases, type OperationalDatabases } from "../../../model/operational-databases.ts";
import type { SqlServerLogin, SqlServerOptions } from "../../../sandbox/sqlserver/contracts.ts";
import { backUpDatabases } from "../../../steps/operational/back-up.ts";
import type { BackedUp } from "../../../steps/operational/contracts.ts";
import { openOperationalBench, reference, type OperationalBench } from "./operational-bench.ts";
import { createRedpoint, sqlServerForTests, type TestSqlServer } from "./sql-server.ts";

/** A server with one tenant's Redpoint on it, and backups of it as the step makes them. */
export interface BackupBench {
  server: TestSqlServer;
  said: string[];
  stack: string;
  /** A number that no run of the tests has used on this server. */
  newRun(): string;
  backUp(
    run: string,
    changes?: Partial<OperationalDatabases>,
    options?: { user?: string; signal?: AbortSignal },
  ): Promise<BackedUp>;
  /** The error of a backup that must fail. */
  refused(run: string, changes?: Partial<OperationalDatabases>, options?: { user?: string }): Promise<CutoverError>;
  /** Runs one statement as the administrator. */
  sql<Row>(text: string, database?: string): Promise<Row[]>;
  close(): Promise<void>;
}

export const redpointNames = ["Pulse", "Pulse_Logging", "Interaction_Acme", "InteractionAudit_Acme"];

export async function openBackupBench(options: Partial<SqlServerOptions> = {}): Promise<BackupBench> {
  const server = await sqlServerForTests(options);
  await createRedpoint(server, { tenants: ["Acme"], realtime: false });
  const logins: Pick<SqlServerLogin, "user" | "password">[] = options.logins ? [...options.logins] : [];
  const texts = logins.map(({ user, password }) => [user, textFor(server, user, password)] as const);
  const bench = await openOperationalBench({
    admin: textFor(server, server.user, server.password),
    ...Object.fromEntries(texts),
  });
  if (server.certificateAuthority !== null) await writeFile(join(bench.root, "ca.pem"), server.certificateAuthority);
  let run = Date.now();
  const backUp: BackupBench["backUp"] = (number, changes = {}, { user = "admin", signal } = {}) => {
    const context = bench.context({ step: "backup", ...(signal === undefined ? {} : { signal }) });
    const input = { which: "server", run: number, folder: "backups", acknowledged: [] } as const;
    return backUpDatabases(context, { ...settingsFor(server, user), ...changes }, input);
  };
  return {
    server,
    said: bench.said,
    stack: bench.context({ step: "backup" }).request.stack,
    newRun: () => String(run++),
    backUp,
    async refused(number, changes, who) {
      const error: unknown = await backUp(number, changes, who).then(
        () => new Error("the backup was not refused"),
        (reason: unknown) => reason,
      );
      if (!(error instanceof CutoverError)) throw error;
      const shown = describeError(error).join("\n");
      if (shown.includes(server.password)) throw new Error("the password is shown");
      return error;
    },
    async sql<Row>(text: string, database = "master") {
      const pool = await server.connect({ database });
      const result = await pool.request().batch<Row>(text);
      await pool.close();
      return (result.recordset as Row[] | undefined) ?? [];
    },
    async close() {
      await closeAll(bench, server);
    },
  };
}

async function closeAll(bench: OperationalBench, server: TestSqlServer): Promise<void> {
  await bench.close();
  await server.stop();
}

function textFor({ host, port }: TestSqlServer, user: string, password: string): string {
  return `Server=tcp:${host},${port};Database=Pulse;User ID=${user};Password="${password.replaceAll('"', '""')}"`;
}

function settingsFor(server: TestSqlServer, user: string): OperationalDatabases {
  return operationalDatabases.parse({
    provider: "sqlserver",
    mode: "inPlace",
    server: {
      connection: reference(user),
      trustServerCertificate: server.trustServerCertificate,
      ...(server.certificateAuthority === null ? {} : { certificateAuthority: "ca.pem" }),
    },
    tenants: ["Acme"],
    backupFolder: server.backupFolder,
  });
}
