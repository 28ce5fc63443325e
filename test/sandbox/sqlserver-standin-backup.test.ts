import assert from "node:assert/strict";
import { open, readFile, truncate, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, describe, it } from "mocha";
import type mssql from "mssql";
import type { SqlServerFault } from "../../sandbox/sqlserver/contracts.ts";
import { serverPath, sqlServerForTests, standInTest, type TestSqlServer } from "./support/sql-server.ts";

interface ServerError extends Error {
  code: string;
  number: number;
  precedingErrors?: ServerError[];
}

async function failureOf(running: Promise<unknown>): Promise<{ numbers: number[]; text: string; code: string }> {
  const error = await running.then(
    () => assert.fail("the statement should have failed"),
    (cause: ServerError) => cause,
  );
  const all = [...(error.precedingErrors ?? []), error];
  return {
    numbers: all.map((each) => each.number),
    text: all.map((each) => each.message).join("\n"),
    code: error.code,
  };
}

/** Sends a batch without time limit; what the server said meanwhile goes to `said`. */
function send(pool: mssql.ConnectionPool, sql: string, said: string[] = []): Promise<mssql.IResult<unknown>> {
  const request = pool.request();
  request.on("info", (info: { number: number; message: string }) => said.push(`${info.number} ${info.message}`));
  return request.batch(sql);
}

describe("BACKUP and RESTORE of the SQL Server of the tests", function () {
  this.timeout(60_000);
  let server: TestSqlServer;
  let pool: mssql.ConnectionPool;
  const unlimited = { requestTimeout: 0 };
  const source = `cutover_source_${process.pid}`;
  const target = `cutover_target_${process.pid}`;
  let count = 0;
  /** A file that no test has used. */
  const device = (): string => serverPath(server.backupFolder, `${source}_${++count}.bak`);
  const backup = (path: string, options = "COPY_ONLY, CHECKSUM, NO_COMPRESSION"): string =>
    `BACKUP DATABASE [${source}] TO DISK = N'${path}' WITH ${options}`;
  const verify = (path: string): string => `RESTORE VERIFYONLY FROM DISK = N'${path}' WITH CHECKSUM`;
  const restore = (path: string, name = target, more = ""): string =>
    `RESTORE DATABASE [${name}] FROM DISK = N'${path}' WITH MOVE N'${source}' TO N'${serverPath(server.dataFolder, `${name}_${count}.mdf`)}', MOVE N'${source}_log' TO N'${serverPath(server.logFolder, `${name}_${count}.ldf`)}', RECOVERY, CHECKSUM, STATS = 25${more}`;
  const faults = async (...list: SqlServerFault[]): Promise<void> => server.standIn?.faults.set(list);
  const rows = async (database: string): Promise<string[]> => {
    const { recordset } = await pool.query<{ name: string }>(`SELECT name FROM [${database}].dbo.people ORDER BY name`);
    return recordset.map(({ name }) => name);
  };
  const drop = (name: string): Promise<unknown> =>
    send(pool, `IF DB_ID(N'${name}') IS NOT NULL DROP DATABASE [${name}]`);

  before(async () => {
    server = await sqlServerForTests();
    pool = await server.connect({ configuration: unlimited });
    await send(pool, `CREATE DATABASE [${source}]`);
    server.made.push(source, target);
    await send(pool, `USE [${source}]`);
    await send(pool, "CREATE TABLE dbo.people (name nvarchar(50) NOT NULL)");
    await send(pool, "INSERT INTO dbo.people VALUES (N'Ada'), (N'Grace')");
    await send(pool, "USE master");
  });
  afterEach(async () => {
    await faults();
    await drop(target);
  });
  after(() => server.stop());

  it("a backup brings everything back after the database is gone", async () => {
    const path = device();
    const said: string[] = [];
    await send(pool, backup(path, "COPY_ONLY, CHECKSUM, COMPRESSION, NAME = N'run 1', STATS = 50"), said);
    assert.deepEqual(said.slice(0, 2), ["3211 50 percent processed.", "3211 100 percent processed."].slice(0, 2));
    assert.ok(said.some((line) => line.startsWith("3014 BACKUP DATABASE successfully processed")));
    await send(pool, restore(path));
    await send(pool, `INSERT INTO [${target}].dbo.people VALUES (N'Late')`);
    assert.deepEqual(await rows(target), ["Ada", "Grace", "Late"]);
    await drop(target);
    await send(pool, restore(path));
    assert.deepEqual(await rows(target), ["Ada", "Grace"]);
  });

  it("HEADERONLY and FILELISTONLY say what is in it, msdb remembers it", async () => {
    const path = device();
    await send(pool, backup(path, "COPY_ONLY, CHECKSUM, NAME = N'header test'"));
    const [header] = (await pool.query<Record<string, unknown>>(`RESTORE HEADERONLY FROM DISK = N'${path}'`)).recordset;
    const { BackupName, BackupType, Position, DatabaseName, IsCopyOnly, HasBackupChecksums, IsDamaged } = header ?? {};
    assert.deepEqual(
      { BackupName, BackupType, Position, DatabaseName, IsCopyOnly, HasBackupChecksums, IsDamaged },
      {
        ...{ BackupName: "header test", BackupType: 1, Position: 1, DatabaseName: source },
        ...{ IsCopyOnly: true, HasBackupChecksums: true, IsDamaged: false },
      },
    );
    const files = await pool.query<{ LogicalName: string; Type: string }>(
      `RESTORE FILELISTONLY FROM DISK = N'${path}'`,
    );
    assert.deepEqual(
      files.recordset.map(({ LogicalName, Type }) => [LogicalName, Type]),
      [
        [source, "D"],
        [`${source}_log`, "L"],
      ],
    );
    const remembered = await pool
      .request()
      .input("name", "header test")
      .input("database", source)
      .query<{ backup_set_uuid: string }>(
        "SELECT b.backup_set_uuid, m.physical_device_name FROM msdb.dbo.backupset b JOIN msdb.dbo.backupmediafamily m ON m.media_set_id = b.media_set_id WHERE b.name = @name AND b.database_name = @database ORDER BY b.backup_set_id DESC",
      );
    assert.equal(remembered.recordset[0]?.backup_set_uuid, header?.["BackupSetGUID"]);
  });

  it("without INIT and FORMAT a second backup is appended, and the first is what FILE = 1 restores", async () => {
    const path = device();
    await send(pool, backup(path));
    await send(pool, `INSERT INTO [${source}].dbo.people VALUES (N'Joan')`);
    await send(pool, backup(path));
    await send(pool, `DELETE FROM [${source}].dbo.people WHERE name = N'Joan'`);
    const headers = await pool.query<{ Position: number }>(`RESTORE HEADERONLY FROM DISK = N'${path}'`);
    assert.deepEqual(
      headers.recordset.map(({ Position }) => Position),
      [1, 2],
    );
    await send(pool, restore(path));
    assert.deepEqual(await rows(target), ["Ada", "Grace"]);
    await drop(target);
    await send(pool, restore(path, target, ", FILE = 2"));
    assert.deepEqual(await rows(target), ["Ada", "Grace", "Joan"]);
  });

  it("a device that cannot be opened is 3201 with the system's words, then 3013", async () => {
    const failure = await failureOf(
      send(pool, backup(serverPath(serverPath(server.backupFolder, "no-folder"), "x.bak"))),
    );
    assert.deepEqual(failure.numbers, [3201, 3013]);
    assert.match(failure.text, /Operating system error [23]\(/);
  });

  it("a file that is no backup is told apart from a missing one", async () => {
    const missing = await failureOf(send(pool, verify(device())));
    assert.deepEqual(missing.numbers, [3201, 3013]);
  });

  it("RESTORE keeps its guards: logical names, files in use, another database of the same name", async () => {
    const path = device();
    await send(pool, backup(path));
    const wrongName = restore(path).replace(`N'${source}_log'`, "N'no_such_file'");
    assert.deepEqual((await failureOf(send(pool, wrongName))).numbers, [3234, 3013]);
    const unmoved = `RESTORE DATABASE [${target}] FROM DISK = N'${path}' WITH RECOVERY`;
    const inUse = await failureOf(send(pool, unmoved));
    assert.deepEqual([inUse.numbers[0], inUse.numbers.at(-2), inUse.numbers.at(-1)], [1834, 3119, 3013]);
    await send(pool, `CREATE DATABASE [${target}]`);
    assert.deepEqual((await failureOf(send(pool, restore(path)))).numbers, [3154, 3013]);
  });

  standInTest("a parser that refuses it", "REPLACE is never accepted", async () => {
    const path = device();
    await send(pool, backup(path));
    const failure = await failureOf(send(pool, restore(path, target, ", REPLACE")));
    assert.deepEqual(failure.numbers, [50000]);
  });

  describe("damage", () => {
    for (const [what, change, numbers] of [
      ["cut in the middle", (path: string, size: number) => truncate(path, size - 300), [3203, 3013]],
      ["cut to nothing", (path: string) => truncate(path, 0), [3241, 3013]],
      ["with another byte in a page", (path: string, size: number) => overwrite(path, size - 400), [3189, 3013]],
      ["with another byte in its header", (path: string) => overwrite(path, 200), [3242, 3013]],
      ["that is another file", (path: string) => writeFile(path, "hello"), [3241, 3013]],
    ] as const) {
      standInTest("access to the server's disk", `VERIFYONLY finds a backup ${what}`, async () => {
        const path = device();
        await send(pool, backup(path));
        await send(pool, verify(path));
        await change(path, (await readFile(path)).length);
        assert.deepEqual((await failureOf(send(pool, verify(path)))).numbers, numbers);
        await assert.rejects(send(pool, restore(path)));
      });
    }

    standInTest(
      "the fault damagedPage",
      "a page that is damaged while it is written is found afterwards only",
      async () => {
        const path = device();
        await faults({ fault: "damagedPage" });
        await send(pool, backup(path));
        assert.deepEqual((await failureOf(send(pool, verify(path)))).numbers, [3189, 3013]);
        assert.deepEqual((await failureOf(send(pool, restore(path)))).numbers, [3183, 3013]);
        const { recordset } = await pool.query<{ state_desc: string }>(
          `SELECT state_desc FROM sys.databases WHERE name = N'${target}'`,
        );
        assert.deepEqual(recordset, [{ state_desc: "RESTORING" }]);
      },
    );
  });

  describe("while it runs", () => {
    const slow: SqlServerFault = { fault: "slow", milliseconds: 4000 };
    /** Rows of sys.dm_exec_requests that another connection sees. */
    const running = async (other: mssql.ConnectionPool): Promise<{ command: string; percent_complete: number }[]> =>
      (
        await other.query<{ command: string; percent_complete: number }>(
          "SELECT r.command, r.percent_complete FROM sys.dm_exec_requests r JOIN sys.dm_exec_sessions s ON s.session_id = r.session_id WHERE s.program_name = N'backup of a test'",
        )
      ).recordset;
    const untilRunning = async (other: mssql.ConnectionPool, from = 1): Promise<void> => {
      while (!(await running(other)).some((each) => each.percent_complete >= from)) await sleep(20);
    };
    const untilNothingRuns = async (other: mssql.ConnectionPool): Promise<void> => {
      while ((await running(other)).length > 0) await sleep(20);
    };
    const worker = (): Promise<mssql.ConnectionPool> =>
      server.connect({ application: "backup of a test", configuration: unlimited });
    const headers = async (path: string): Promise<unknown[]> =>
      (await pool.query<{ BackupName: string | null }>(`RESTORE HEADERONLY FROM DISK = N'${path}'`)).recordset.map(
        ({ BackupName }) => BackupName,
      );

    standInTest("the fault slow", "another connection sees how far a BACKUP is", async () => {
      await faults(slow);
      const other = await worker();
      const work = send(other, backup(device()));
      await untilRunning(pool, 5);
      const [seen] = await running(pool);
      assert.equal(seen?.command, "BACKUP DATABASE");
      assert.ok(seen.percent_complete >= 5 && seen.percent_complete <= 100);
      await work;
      assert.deepEqual(await running(pool), []);
    });

    standInTest("the fault slow", "cancelling ends the BACKUP and takes its file away", async () => {
      await faults({ fault: "slow", milliseconds: 60_000 });
      const path = device();
      const other = await worker();
      const request = other.request();
      const work = request.batch(backup(path));
      await untilRunning(pool);
      request.cancel();
      await assert.rejects(work, { code: "ECANCEL" });
      await untilNothingRuns(pool);
      assert.deepEqual((await failureOf(send(pool, verify(path)))).numbers, [3201, 3013]);
      // The connection can be used again.
      assert.deepEqual((await other.query("SELECT 1 AS one")).recordset, [{ one: 1 }]);
    });

    standInTest(
      "the fault connectionLost",
      "a BACKUP that goes on after the connection is lost can be found",
      async () => {
        await faults({ fault: "slow", milliseconds: 1000 }, { fault: "connectionLost", atPercent: 30, then: "finish" });
        const path = device();
        const other = await worker();
        await assert.rejects(send(other, backup(path, "COPY_ONLY, CHECKSUM, NAME = N'goes on'")), {
          code: /ECONNRESET|ECONNCLOSED|ESOCKET/,
        });
        await untilRunning(pool, 30);
        await untilNothingRuns(pool);
        assert.deepEqual(await headers(path), ["goes on"]);
        await send(pool, verify(path));
      },
    );

    standInTest(
      "the fault connectionLost",
      "a BACKUP that stops with its connection leaves an incomplete file",
      async () => {
        await faults({ fault: "connectionLost", atPercent: 30, then: "stop" });
        const path = device();
        const other = await worker();
        await assert.rejects(send(other, backup(path, "COPY_ONLY, CHECKSUM, NAME = N'stops'")));
        await untilNothingRuns(pool);
        assert.deepEqual(await headers(path), ["*** INCOMPLETE ***"]);
        assert.deepEqual((await failureOf(send(pool, verify(path)))).numbers, [3203, 3013]);
        // The fault strikes once.
        await send(pool, backup(device()));
      },
    );

    standInTest("the fault diskFull", "a full disk is operating system error 112", async () => {
      await faults({ fault: "diskFull", atPercent: 50 });
      const failure = await failureOf(send(pool, backup(device())));
      assert.deepEqual(failure.numbers, [3202, 3013]);
      assert.match(failure.text, /112\(There is not enough space on the disk\.\)/);
    });

    standInTest(
      "the fault diskFull",
      "a RESTORE on a full disk leaves the database RESTORING, and it can be dropped",
      async () => {
        const path = device();
        await send(pool, backup(path));
        await faults({ fault: "diskFull", atPercent: 50 });
        assert.deepEqual((await failureOf(send(pool, restore(path)))).numbers, [5149, 3013]);
        await faults();
        assert.deepEqual((await failureOf(send(pool, `USE [${target}]`))).numbers, [927]);
        await drop(target);
        await send(pool, restore(path));
        assert.deepEqual(await rows(target), ["Ada", "Grace"]);
      },
    );
  });
});

/** Changes one byte. */
async function overwrite(path: string, position: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0x5a]), 0, 1, position);
  } finally {
    await file.close();
  }
}
