import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, beforeEach, describe, it } from "mocha";
import type mssql from "mssql";
import * as statements from "../../clients/sqlserver/statements.ts";
import { startSqlServerProcess } from "../../sandbox/sqlserver/start-sql-server.ts";
import type { SqlServer, SqlServerVariant } from "../../sandbox/sqlserver/contracts.ts";
import {
  createRedpoint,
  isRealSqlServer,
  serverPath,
  sqlServerForTests,
  standInTest,
  type TestSqlServer,
} from "./support/sql-server.ts";
import { tenantConnectionsQuery, versionQuery } from "../../sandbox/sqlserver/redpoint-migration.ts";

interface ServerError extends Error {
  number: number;
  precedingErrors?: ServerError[];
}

type Row = Record<string, unknown>;
type StatementName = Exclude<keyof typeof statements, "send" | "copyMark" | "deviceText">;

async function send(pool: mssql.ConnectionPool, { sql, parameters }: statements.Statement<unknown>): Promise<Row[]> {
  const request = pool.request();
  if (parameters === undefined) return (await request.batch<Row>(sql)).recordset ?? [];
  for (const [name, value] of Object.entries(parameters)) request.input(name, value);
  return (await request.query<Row>(sql)).recordset ?? [];
}

async function numbersOf(running: Promise<unknown>): Promise<number[]> {
  const error = await running.then(
    () => assert.fail("the statement should have failed"),
    (cause: ServerError) => cause,
  );
  return [...(error.precedingErrors ?? []), error].map(({ number }) => number);
}

describe("kinds of SQL Server, rights, and what the product sends", function () {
  this.timeout(60_000);
  let server: TestSqlServer;
  let pool: mssql.ConnectionPool;
  const login = (user: string): { user: string; password: string } => ({ user, password: `${user}-Password-1!` });
  const become = (variant: SqlServerVariant): Promise<void> | undefined =>
    server.standIn?.faults.set([{ fault: "variant", variant }]);
  const disk = (name: string): statements.BackupDevice => ({
    kind: "disk",
    path: `${server.backupFolder}/${name}.bak`,
  });
  const backup = (database: string, device: statements.BackupDevice, compression = false): statements.Statement =>
    statements.backUpDatabase({ database, device, name: `backup of ${database}`, description: "a test", compression });

  before(async () => {
    server = await sqlServerForTests({
      logins: [
        { ...login("short"), viewAnyDatabase: false, databases: { Pulse: ["db_owner"] } },
        { ...login("operator"), databases: { Pulse: ["db_backupoperator"] } },
        { ...login("creator"), serverRoles: ["dbcreator"] },
      ],
    });
    pool = await server.connect();
    await createRedpoint(server);
  });
  beforeEach(() => server.standIn?.faults.clear());
  after(() => server.stop());

  it("the Redpoint-like set has versions, tenants and connections", async () => {
    const pulse = await server.connect({ database: "Pulse" });
    assert.deepEqual((await pulse.query(versionQuery("sqlserver"))).recordset, [{ Version: "6.7.24250" }]);
    const tenants = (await pulse.query<{ Name: string; AuditConnection: string }>(tenantConnectionsQuery("sqlserver")))
      .recordset;
    assert.deepEqual(
      tenants.map(({ Name }) => Name),
      ["Acme", "Globex"],
    );
    assert.match(tenants[0]?.AuditConnection ?? "", /Database=InteractionAudit_Acme;/);
    const databases = await send(pool, statements.databasesLike("Interaction[_]%"));
    assert.deepEqual(
      databases.map(({ name }) => name),
      ["Interaction_Acme", "Interaction_Globex"],
    );
    await pulse.close();
  });

  describe("rights", () => {
    standInTest("a login without VIEW ANY DATABASE", "sees a short list without any error", async () => {
      const short = await server.connect(login("short"));
      assert.deepEqual(await send(short, statements.databasesLike("Interaction%")), []);
      assert.equal((await send(short, statements.serverRights))[0]?.["sees_all"], 0);
      assert.deepEqual(await send(short, statements.databaseId("Interaction_Acme")), [{ id: null }]);
    });

    standInTest("a login that is db_backupoperator only", "may back up and not verify", async () => {
      const operator = await server.connect(login("operator"));
      await send(operator, backup("Pulse", disk("operator")));
      assert.deepEqual(await numbersOf(send(operator, statements.verifyBackup(disk("operator")))), [262, 3013]);
      assert.deepEqual(await numbersOf(send(operator, backup("RPIRealtime", disk("denied")))), [262, 3013]);
      const restore = statements.restoreDatabase({ target: "Copy", device: disk("operator"), move: [] });
      assert.deepEqual(await numbersOf(send(operator, restore)), [3110, 3013]);
      assert.deepEqual(await numbersOf(send(operator, statements.backupSetNamed("x", "Pulse"))), [229]);
      assert.deepEqual(await numbersOf(operator.query("USE RPIRealtime")), [916]);
    });

    standInTest("a login that is dbcreator only", "may verify and not back up", async () => {
      await send(pool, backup("Pulse", disk("creator")));
      const creator = await server.connect(login("creator"));
      await send(creator, statements.verifyBackup(disk("creator")));
      assert.deepEqual(await numbersOf(send(creator, backup("Pulse", disk("denied")))), [262, 3013]);
      assert.equal((await send(creator, statements.serverRights))[0]?.["may_create"], 1);
    });

    standInTest("the fault permissionMissing", "a permission can be taken away", async () => {
      const permission = "BACKUP DATABASE";
      await server.standIn?.faults.set([{ fault: "permissionMissing", permission }]);
      assert.equal((await send(pool, statements.databaseRights("Pulse")))[0]?.["may_back_up"], 0);
      assert.deepEqual(await numbersOf(send(pool, backup("Pulse", disk("taken")))), [262, 3013]);
    });

    standInTest("a refused database", "a login without a user in a database is refused at login", async () => {
      await assert.rejects(server.connect({ ...login("creator"), database: "Pulse" }), { code: "ELOGIN" });
    });
  });

  describe("kinds of server", () => {
    standInTest("Express", "refuses compression, error 1844", async () => {
      await become("express");
      assert.deepEqual(await numbersOf(send(pool, backup("Pulse", disk("express"), true))), [1844, 3013]);
      await send(pool, backup("Pulse", disk("express")));
      assert.equal((await send(pool, statements.serverFacts))[0]?.["edition"], 4);
    });

    standInTest("Azure SQL Database", "has no BACKUP; a copy goes on by itself until it is ONLINE", async () => {
      await become("azure");
      assert.equal((await send(pool, statements.serverFacts))[0]?.["edition"], 5);
      assert.deepEqual(await numbersOf(send(pool, backup("Pulse", disk("azure")))), [40510]);
      assert.deepEqual(await numbersOf(pool.query("USE Pulse")), [40508]);
      await send(pool, statements.azureCopy("Pulse", "Pulse_copy"));
      let [state] = await send(pool, statements.azureCopyState("Pulse_copy"));
      while (state?.["state_desc"] === "COPYING") {
        await sleep(10);
        [state] = await send(pool, statements.azureCopyState("Pulse_copy"));
      }
      assert.equal(state?.["state_desc"], "ONLINE");
      const copy = await server.connect({ database: "Pulse_copy" });
      assert.deepEqual((await copy.query(versionQuery("sqlserver"))).recordset, [{ Version: "6.7.24250" }]);
      await copy.close();
      await send(pool, statements.dropDatabase("Pulse_copy"));
    });

    standInTest("Managed Instance", "backs up to a URL only, and restores without options", async () => {
      await become("managedInstance");
      assert.deepEqual(await numbersOf(send(pool, backup("Pulse", disk("instance")))), [41901, 3013]);
      const url: statements.BackupDevice = { kind: "url", path: "https://store.invalid/backups/pulse.bak" };
      await send(pool, backup("Pulse", url));
      assert.deepEqual(await numbersOf(send(pool, backup("Pulse", url))), [3271, 3013]);
      await send(pool, statements.restoreOnManagedInstance("Pulse_restored", url));
      const { recordset } = await pool.query("SELECT Version FROM Pulse_restored.dbo.rpi_Cluster");
      assert.deepEqual(recordset, [{ Version: "6.7.24250" }]);
      await send(pool, statements.dropDatabase("Pulse_restored"));
    });

    standInTest("Amazon RDS", "backs up and restores by tasks, never over an existing object", async () => {
      await become("rds");
      assert.notEqual((await send(pool, statements.serverFacts))[0]?.["rds"], null);
      assert.deepEqual(await numbersOf(send(pool, backup("Pulse", disk("rds")))), [262, 3013]);
      const object = "arn:aws:s3:::backups/pulse.bak";
      const done = async (database: string): Promise<unknown> => {
        for (;;) {
          const task = (await send(pool, statements.rdsTasks(database))).at(-1);
          if (task?.["lifecycle"] === "SUCCESS" || task?.["lifecycle"] === "ERROR") return task["lifecycle"];
          await sleep(10);
        }
      };
      assert.equal((await send(pool, statements.rdsBackUp("Pulse", object)))[0]?.["task_type"], "BACKUP_DB");
      assert.equal(await done("Pulse"), "SUCCESS");
      assert.deepEqual(await numbersOf(send(pool, statements.rdsBackUp("Pulse", object))), [50000]);
      await send(pool, statements.rdsRestore("Pulse_rds", object));
      assert.equal(await done("Pulse_rds"), "SUCCESS");
      await send(pool, statements.rdsRename("Pulse_rds", "Pulse_renamed"));
      const { recordset } = await pool.query("SELECT Version FROM Pulse_renamed.dbo.rpi_Cluster");
      assert.deepEqual(recordset, [{ Version: "6.7.24250" }]);
      await send(pool, statements.rdsDrop("Pulse_renamed"));
      await send(pool, statements.rdsRestore("Pulse_missing", "arn:aws:s3:::backups/missing.bak"));
      assert.equal(await done("Pulse_missing"), "ERROR");
    });

    standInTest("Google Cloud SQL", "is known by its server role", async () => {
      assert.deepEqual(await send(pool, statements.googleRole), [{ id: null }]);
      await become("cloudSql");
      assert.notEqual((await send(pool, statements.googleRole))[0]?.["id"], null);
    });

    standInTest("another version", "a backup of a newer server is refused by an older one, error 3169", async () => {
      const device = disk("newer");
      await send(pool, backup("Pulse", device));
      const older = await sqlServerForTests({ majorVersion: 15 });
      try {
        const master = await older.connect();
        const restore = statements.restoreDatabase({ target: "Pulse", device, move: [] });
        assert.deepEqual(await numbersOf(send(master, restore)), [3169, 3013]);
      } finally {
        await older.stop();
      }
    });
  });

  it("every statement that the product can send is accepted", async () => {
    await send(pool, backup("Pulse", disk("known")));
    const pulse = await server.connect({ database: "Pulse" });
    const [schema, table] = ["dbo", "rpi_Cluster"];
    // By name, so that a new statement of the product is a compile error here until it is added. "above": in the tests above.
    const all: Record<StatementName, statements.Statement<unknown> | "above" | "below"> = {
      ...{ serverFacts: statements.serverFacts, serverRights: statements.serverRights },
      ...{ googleRole: statements.googleRole, azureRights: statements.azureRights, rowCounts: statements.rowCounts },
      databaseRights: statements.databaseRights("Pulse"),
      databasesLike: statements.databasesLike("Pulse%"),
      databaseNamed: statements.databaseNamed("Pulse"),
      databaseId: statements.databaseId("Pulse"),
      databaseFiles: statements.databaseFiles("Pulse"),
      fileOwner: statements.fileOwner("/none"),
      requestsOf: statements.requestsOf("none"),
      sessionsIn: statements.sessionsIn("Pulse"),
      tableId: statements.tableId(schema, table),
      countRows: statements.countRows(schema, table),
      copyRights: statements.copyRights(schema, table),
      serverNames: statements.serverNames,
      copiedBy: statements.copiedBy(schema, table),
      copiesMadeBy: statements.copiesMadeBy(schema, "rpi[_]%", "run-0"),
      relationNamed: statements.relationNamed(schema, table),
      columnNamed: statements.columnNamed(schema, table, "Version"),
      backupHeader: statements.backupHeader(disk("known")),
      backupFiles: statements.backupFiles(disk("known")),
      verifyBackup: statements.verifyBackup(disk("known")),
      backupSetNamed: statements.backupSetNamed("backup of Pulse", "Pulse"),
      // Its view exists on Azure only.
      azureCopyState: isRealSqlServer ? "above" : statements.azureCopyState("Pulse"),
      copyTable: statements.copyTable({ schema, table, copy: "rpi_Cluster_bak", run: "run-1" }),
      ...{ azureCopy: "above", restoreOnManagedInstance: "above", backUpDatabase: "above" },
      ...{ rdsBackUp: "above", rdsRestore: "above", rdsTasks: "above", rdsRename: "above", rdsDrop: "above" },
      ...{ restoreDatabase: "below", renameDatabase: "below", singleUser: "below", multiUser: "below" },
      dropDatabase: "below",
    };
    for (const statement of Object.values(all)) if (typeof statement !== "string") await send(pulse, statement);
    assert.deepEqual(await send(pulse, statements.copiedBy(schema, "rpi_Cluster_bak")), [{ run: "run-1" }]);
    assert.deepEqual(await send(pulse, statements.copiesMadeBy(schema, "rpi[_]%", "run-1")), [
      { name: "rpi_Cluster_bak" },
    ]);
    const counted = await send(pulse, statements.rowCounts);
    assert.ok(counted.some((row) => row["table"] === "rpi_Tenant" && row["rows"] === "2"));
    await pulse.close();
    const move = ["", "_log"].map((suffix) => ({
      logicalName: `Pulse${suffix}`,
      path: serverPath(server.dataFolder, `cutover_${process.pid}_renamed${suffix}.file`),
    }));
    await send(pool, statements.restoreDatabase({ target: "Restored", device: disk("known"), move }));
    await send(pool, statements.singleUser("Restored"));
    await send(pool, statements.renameDatabase("Restored", "Renamed"));
    await send(pool, statements.multiUser("Renamed"));
    assert.equal((await send(pool, statements.databaseNamed("Renamed")))[0]?.["user_access_desc"], "MULTI_USER");
    await send(pool, statements.dropDatabase("Renamed"));
    assert.deepEqual(await send(pool, statements.databaseId("Renamed")), [{ id: null }]);
  });

  standInTest("a process of its own", "runs as an own process and keeps databases over a restart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cutover-sql-server-process-"));
    const open = async (own: SqlServer): Promise<mssql.ConnectionPool> =>
      server.connect({
        password: own.administrator.password,
        configuration: {
          server: own.host,
          port: own.port,
          options: { cryptoCredentialsDetails: { ca: await readFile(own.caFile) } },
        },
      });
    const own = await startSqlServerProcess({ folder });
    try {
      const first = await open(own);
      await first.request().batch("CREATE DATABASE kept");
      await first.request().batch("CREATE TABLE kept.dbo.numbers (number bigint NOT NULL)");
      await first.request().batch("INSERT INTO kept.dbo.numbers VALUES (9007199254740993)");
      await own.faults.set([{ fault: "loginRefused" }]);
      await assert.rejects(open(own), { code: "ELOGIN" });
      await first.close();
      await own.stop();
      const again = await startSqlServerProcess({ folder, port: own.port });
      try {
        const second = await open(again);
        const { recordset } = await second.query("SELECT number FROM kept.dbo.numbers");
        assert.deepEqual(recordset, [{ number: "9007199254740993" }]);
        await second.close();
      } finally {
        await again.stop();
      }
    } finally {
      await own.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
