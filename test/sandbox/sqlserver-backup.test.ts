import assert from "node:assert/strict";
import { join } from "node:path";
import * as z from "zod";
import { databaseBackup, type DatabaseBackup } from "../../model/platform-backup.ts";
import { connectSqlServer } from "../../clients/sqlserver/connect.ts";
import { backUpDatabase, send } from "../../clients/sqlserver/statements.ts";
import type { SqlServerFault } from "../../sandbox/sqlserver/contracts.ts";
import { serverPath, standInTest } from "./support/sql-server.ts";
import { openBackupBench, redpointNames, type BackupBench } from "./support/sql-server-backup.ts";

const roles = { "*": ["db_backupoperator", "db_datareader"] };

describe("SQL Server backup", () => {
  let bench: BackupBench;
  let stack = "";

  before(async () => {
    const password = "Another-Password-1";
    bench = await openBackupBench({
      logins: [
        { user: "operator", password, serverRoles: ["dbcreator"], databases: roles },
        { user: "hidden", password, serverRoles: ["sysadmin"] },
        { user: "noVerify", password, databases: roles },
        { user: "noBackup", password, serverRoles: ["dbcreator"], databases: { "*": ["db_datareader"] } },
      ],
    });
    ({ stack } = bench);
  });
  afterEach(() => bench.server.standIn?.faults.clear());
  after(() => bench.close());

  const fault = (...faults: SqlServerFault[]): Promise<void> | undefined => bench.server.standIn?.faults.set(faults);
  const proofs = (databases: readonly DatabaseBackup[]): string[] => databases.map(({ proof }) => proof);
  const of = (databases: readonly DatabaseBackup[], name: string): DatabaseBackup => {
    const found = databases.find(({ database }) => database === name);
    assert.ok(found, name);
    return found;
  };
  /** How many backup sets of this run the server knows of a database. */
  const setsOf = async (run: string, database: string): Promise<number> => {
    const name = `cutover ${stack} ${run} ${database}`;
    return (await bench.sql(`SELECT backup_set_id FROM msdb.dbo.backupset WHERE name = N'${name}'`)).length;
  };

  it("backs up every database, reads it back and records what proves it", async () => {
    const run = bench.newRun();
    const { databases, notes } = await bench.backUp(run);
    assert.deepEqual(
      databases.map(({ database }) => database),
      redpointNames,
    );
    z.array(databaseBackup).parse(databases);
    assert.deepEqual(notes, []);
    assert.deepEqual(of(databases, "Interaction_Acme").rows, { "dbo.rpi_Interaction": 3 });
    for (const { database, name, path, proof, startedAt, finishedAt } of databases) {
      const headers = await bench.sql<Record<string, unknown>>(`RESTORE HEADERONLY FROM DISK = N'${path}'`);
      assert.equal(headers.length, 1);
      const [header = {}] = headers;
      assert.deepEqual(
        [header["BackupName"], header["DatabaseName"], header["BackupSetGUID"]],
        [name, database, proof],
      );
      assert.deepEqual([header["BackupType"], header["IsCopyOnly"], header["HasBackupChecksums"]], [1, true, true]);
      const age = Date.now() - Date.parse(finishedAt);
      assert.ok(Date.parse(startedAt) <= Date.parse(finishedAt) && Math.abs(age) < 3_600_000, "times are UTC");
    }
  });

  it("keeps the backups of the same run, and takes new ones for another", async () => {
    const run = bench.newRun();
    const first = await bench.backUp(run);
    await bench.sql("INSERT INTO dbo.rpi_Interaction VALUES (9, N'late', N'email', N'Draft')", "Interaction_Acme");
    try {
      const again = await bench.backUp(run);
      assert.deepEqual(proofs(again.databases), proofs(first.databases));
      assert.equal(again.notes.filter((note) => note.includes("is kept")).length, redpointNames.length);
      assert.deepEqual(of(again.databases, "Pulse").rows, of(first.databases, "Pulse").rows);
      assert.equal(
        of(again.databases, "Interaction_Acme").rows,
        undefined,
        "the rows of now are not those of the backup",
      );
      const other = await bench.backUp(bench.newRun());
      assert.equal(proofs(other.databases).filter((proof) => proofs(first.databases).includes(proof)).length, 0);
      assert.deepEqual(of(other.databases, "Interaction_Acme").rows, { "dbo.rpi_Interaction": 4 });
    } finally {
      await bench.sql("DELETE FROM dbo.rpi_Interaction WHERE Id = 9", "Interaction_Acme");
    }
  });

  it("copies warehouse tables once a run, and leaves a table of that name alone that is not the run's", async () => {
    const run = bench.newRun();
    const tables = [{ database: "Interaction_Acme", table: "dbo.rpi_Interaction" }];
    const [copied] = (await bench.backUp(run, { tables })).tables;
    assert.ok(copied);
    assert.match(copied.copy, /^rpi_Interaction_bak_\d{6}$/);
    assert.equal(copied.rows, 3);
    try {
      assert.deepEqual((await bench.backUp(run, { tables })).tables, [copied]);
      await bench.sql(`DELETE FROM dbo.[${copied.copy}] WHERE Id = 1`, "Interaction_Acme");
      const differs = await bench.refused(run, { tables });
      assert.equal(differs.details.code, "CUT-5421");
      const other = bench.newRun();
      const { details } = await bench.refused(other, { tables });
      assert.equal(details.code, "CUT-5420");
      assert.match(details.evidence?.join() ?? "", new RegExp(run));
      assert.equal(await setsOf(other, "Pulse"), 0);
      const [left] = await bench.sql<{ n: number }>(
        `SELECT COUNT(*) AS n FROM dbo.[${copied.copy}]`,
        "Interaction_Acme",
      );
      assert.equal(left?.n, 2);
    } finally {
      await bench.sql(`DROP TABLE dbo.[${copied.copy}]`, "Interaction_Acme");
    }
    const none = await bench.refused(bench.newRun(), { tables: [{ database: "Pulse", table: "OfferHistory" }] });
    assert.equal(none.details.code, "CUT-5411");
    assert.match(none.details.evidence?.join() ?? "", /no table OfferHistory/);
  });

  it("says what the server says when the folder cannot be written to", async () => {
    const backupFolder = serverPath(bench.server.backupFolder, "no-such-folder");
    const { details } = await bench.refused(bench.newRun(), { backupFolder });
    assert.equal(details.code, "CUT-5412");
    assert.equal(details.exitCode, 16);
    assert.match(details.evidence?.[0] ?? "", /^Msg 3201: .*Operating system error \d+\(/);
    assert.match(details.evidence?.[1] ?? "", /^Msg 3013/);
    assert.match(details.next ?? "", /service account/);
  });

  it("does not write to a file in which there is another backup", async () => {
    const run = bench.newRun();
    const path = serverPath(bench.server.backupFolder, `${stack}-${run}-Pulse.bak`);
    await bench.sql(`BACKUP DATABASE [Pulse] TO DISK = N'${path}' WITH COPY_ONLY, NAME = N'somebody else'`);
    const { details } = await bench.refused(run);
    assert.equal(details.code, "CUT-5413");
    assert.match(details.evidence?.join() ?? "", /somebody else/);
    const headers = await bench.sql<{ BackupName: string }>(`RESTORE HEADERONLY FROM DISK = N'${path}'`);
    assert.deepEqual(
      headers.map(({ BackupName }) => BackupName),
      ["somebody else"],
    );
  });

  standInTest("a full disk", "ends with the cause when the disk is full, and goes on from there", async () => {
    const run = bench.newRun();
    await fault({ fault: "diskFull", atPercent: 40, database: "Interaction_Acme" });
    const { details } = await bench.refused(run);
    assert.equal(details.code, "CUT-5412");
    assert.match(details.happened, /Interaction_Acme/);
    assert.match(details.evidence?.[0] ?? "", /not enough space/);
    assert.match(details.evidence?.at(-1) ?? "", /Pulse, Pulse_Logging/);
    assert.match(details.next ?? "", /Free space/);
    await fault();
    const { databases, notes } = await bench.backUp(run);
    assert.deepEqual(
      databases.map(({ database }) => database),
      redpointNames,
    );
    for (const name of redpointNames) assert.equal(await setsOf(run, name), 1, name);
    assert.ok(notes.some((note) => note.startsWith("Pulse:") && note.includes("is kept")));
  });

  for (const user of ["admin", "operator"]) {
    const who = user === "admin" ? "" : ", also without VIEW SERVER STATE";
    standInTest("a lost connection", `begins no second backup beside one that goes on${who}`, async () => {
      const run = bench.newRun();
      await fault(
        { fault: "slow", milliseconds: 1500, database: "Pulse" },
        { fault: "connectionLost", atPercent: 30, then: "finish", database: "Pulse" },
      );
      const { databases } = await bench.backUp(run, {}, { user });
      assert.equal(await setsOf(run, "Pulse"), 1);
      assert.match(of(databases, "Pulse").path, new RegExp(`${stack}-${run}-Pulse.bak$`));
      assert.ok(
        bench.said.some((line) => line.includes("Pulse: the server is still at the backup")),
        "it says so",
      );
      assert.deepEqual(of(databases, "Pulse").rows?.["dbo.rpi_Cluster"], 1);
    });
  }

  standInTest("a lost connection", "begins again when the server stopped with the connection", async () => {
    const run = bench.newRun();
    await fault({ fault: "connectionLost", atPercent: 30, then: "stop", database: "Pulse" });
    const { databases, notes } = await bench.backUp(run);
    assert.equal(await setsOf(run, "Pulse"), 1);
    assert.match(of(databases, "Pulse").path, /-Pulse-2\.bak$/);
    assert.ok(notes.some((note) => note.includes("is left as it is")));
  });

  standInTest("a server that goes away", "waits for a server that restarts", async () => {
    const run = bench.newRun();
    await fault({ fault: "slow", milliseconds: 1500 });
    const backup = bench.backUp(run);
    const begun = (line: string): boolean => line.includes("backing up Pulse to") && line.includes(run);
    while (!bench.said.some(begun)) await new Promise((resolve) => setImmediate(resolve));
    await fault({ fault: "down", milliseconds: 1500 });
    const { databases } = await backup;
    assert.equal(databases.length, redpointNames.length);
    for (const name of redpointNames) assert.equal(await setsOf(run, name), 1, name);
  });

  standInTest("a slow backup", "follows the backup of an attempt that died", async () => {
    const run = bench.newRun();
    const name = `cutover ${stack} ${run} Pulse`;
    const { host, port, user, password, certificateAuthority } = bench.server;
    const credentials = {
      host,
      port,
      user,
      password,
      database: "master",
      encrypt: true,
      trustServerCertificate: false,
    };
    const dead = await connectSqlServer(
      { ...credentials, ...(certificateAuthority === null ? {} : { certificateAuthority }) },
      { applicationName: name },
    );
    await fault({ fault: "slow", milliseconds: 1500, database: "Pulse" });
    const device = { kind: "disk", path: join(bench.server.backupFolder, `${stack}-${run}-Pulse.bak`) } as const;
    const statement = backUpDatabase({ database: "Pulse", device, name, description: "x", compression: true });
    const left = send(dead, statement, { timeoutMilliseconds: 0 });
    const { databases } = await bench.backUp(run);
    await left;
    await dead.close();
    assert.equal(await setsOf(run, "Pulse"), 1);
    assert.equal(of(databases, "Pulse").path, device.path);
  });

  standInTest("a damaged page", "does not count a backup that cannot be read back", async () => {
    const run = bench.newRun();
    await fault({ fault: "damagedPage", database: "Pulse" });
    const { details } = await bench.refused(run);
    assert.equal(details.code, "CUT-5414");
    assert.match(details.evidence?.[0] ?? "", /^Msg 3189/);
    assert.match(details.next ?? "", new RegExp(`Remove .*${run}-Pulse.bak`));
    await fault();
    assert.equal((await bench.refused(run)).details.code, "CUT-5414", "nor later, while it lies there");
  });

  standInTest("a login without rights", "refuses a login that does not see all databases", async () => {
    await fault({ fault: "permissionMissing", permission: "VIEW ANY DATABASE", user: "hidden" });
    const { details } = await bench.refused(bench.newRun(), {}, { user: "hidden" });
    assert.equal(details.code, "CUT-5400");
    assert.match(details.next ?? "", /GRANT VIEW ANY DATABASE/);
  });

  for (const [user, right] of [
    ["noVerify", /^CREATE DATABASE: RESTORE VERIFYONLY/],
    ["noBackup", /^Pulse: BACKUP DATABASE/],
  ] as const) {
    standInTest("a login without rights", `asks for the rights before it begins anything (${user})`, async () => {
      const run = bench.newRun();
      const { details } = await bench.refused(run, {}, { user });
      assert.equal(details.code, "CUT-5411");
      assert.match(details.evidence?.[0] ?? "", right);
      for (const name of redpointNames) assert.equal(await setsOf(run, name), 0);
    });
  }

  it("refuses a list of databases that cannot be all", async () => {
    const { details } = await bench.refused(bench.newRun(), { tenants: ["Acme", "Gone"], realtime: ["RPIRealtime"] });
    assert.equal(details.code, "CUT-5401");
    assert.match(details.evidence?.join("\n") ?? "", /tenant Gone/);
    assert.match(details.evidence?.join("\n") ?? "", /RPIRealtime \(realtime\) is not there/);
  });

  it("refuses a run without a number: its backups would be mistaken for another's", async () => {
    assert.equal((await bench.refused("unknown")).details.code, "CUT-5418");
  });

  standInTest("an Express edition", "backs up without compression where there is none, and says so", async () => {
    await fault({ fault: "variant", variant: "express" });
    const { databases, notes } = await bench.backUp(bench.newRun());
    assert.deepEqual(notes, ["backups are not compressed: Express editions cannot"]);
    const [header] = await bench.sql<{ Compressed: number | boolean }>(
      `RESTORE HEADERONLY FROM DISK = N'${of(databases, "Pulse").path}'`,
    );
    assert.equal(Number(header?.Compressed), 0);
  });

  standInTest("a Managed Instance", "backs up a Managed Instance to a URL only", async () => {
    await fault({ fault: "variant", variant: "managedInstance" });
    const { details } = await bench.refused(bench.newRun());
    assert.equal(details.code, "CUT-5410");
    assert.match(details.evidence?.join() ?? "", /URL only/);
    const backupFolder = "https://account.blob.core.windows.net/rpi";
    const { databases } = await bench.backUp(bench.newRun(), { backupFolder });
    assert.match(of(databases, "Pulse").path, /^https:\/\/account\.blob\.core\.windows\.net\/rpi\/.*-Pulse\.bak$/);
  });

  standInTest("Google Cloud SQL", "refuses Google Cloud SQL with a reason", async () => {
    await fault({ fault: "variant", variant: "cloudSql" });
    const { details } = await bench.refused(bench.newRun());
    assert.equal(details.code, "CUT-5410");
    assert.match(details.happened, /^Google Cloud SQL/);
  });

  standInTest("Azure SQL Database", "takes a copy as the backup on Azure SQL Database, and keeps it", async () => {
    await fault({ fault: "variant", variant: "azure" });
    const run = bench.newRun();
    const first = await bench.backUp(run);
    const pulse = of(first.databases, "Pulse");
    assert.equal(pulse.path, `cutover_${stack}_${run}_Pulse`);
    assert.deepEqual(of(first.databases, "Interaction_Acme").rows, { "dbo.rpi_Interaction": 3 });
    const again = await bench.backUp(run);
    assert.deepEqual(proofs(again.databases), proofs(first.databases));
    const copies = await bench.sql<{ name: string }>(`SELECT name FROM sys.databases WHERE name LIKE N'cutover[_]%'`);
    assert.equal(copies.length, redpointNames.length);
    for (const { name } of copies) await bench.sql(`DROP DATABASE [${name}]`);
  });

  standInTest("Amazon RDS", "backs up by tasks on Amazon RDS, and finds them again", async () => {
    await fault({ fault: "variant", variant: "rds" });
    assert.equal((await bench.refused(bench.newRun())).details.code, "CUT-5410");
    const backupFolder = "arn:aws:s3:::bucket/rpi";
    const run = bench.newRun();
    await fault(
      { fault: "variant", variant: "rds" },
      { fault: "taskFails", message: "Aborted the task: access denied" },
    );
    const failed = await bench.refused(run, { backupFolder });
    assert.equal(failed.details.code, "CUT-5430");
    assert.match(failed.details.evidence?.join() ?? "", /access denied/);
    await fault({ fault: "variant", variant: "rds" });
    const first = await bench.backUp(run, { backupFolder });
    assert.match(of(first.databases, "Pulse").path, /^arn:aws:s3:::bucket\/rpi\/.*-Pulse(-2)?\.bak$/);
    assert.deepEqual(of(first.databases, "Interaction_Acme").rows, { "dbo.rpi_Interaction": 3 });
    const again = await bench.backUp(run, { backupFolder });
    assert.deepEqual(proofs(again.databases), proofs(first.databases));
  });
});
