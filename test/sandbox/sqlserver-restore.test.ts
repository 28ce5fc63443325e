import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import type { SqlServer as Connection } from "../../clients/sqlserver/contracts.ts";
import type { PlatformBackup } from "../../model/platform-backup.ts";
import { dropKept, renameAside } from "../../steps/operational/rename-aside.ts";
import { restoreDatabases } from "../../steps/operational/restore.ts";
import { listTenants, readTenantSetting, writeTenantSetting } from "../../steps/operational/settings.ts";
import { openOperationalBench, type OperationalBench } from "./support/operational-bench.ts";
import {
  databaseNames,
  dropDatabases,
  installRedpoint,
  interactionStates,
  interactions,
  onServer,
  runBackupStep,
  savedBackup,
  settingsOf,
  tenants,
} from "./support/operational-sql.ts";
import { sqlServerForTests, standInTest, type TestSqlServer } from "./support/sql-server.ts";

const stamp = "20261122_191422";
const asBefore = ["Active", "Draft", "Completed"];
const asMigrated = ["Migrated", "Migrated", "Migrated"];

describe("restore on SQL Server", function () {
  this.timeout(120_000);
  let server: TestSqlServer;
  let bench: OperationalBench;
  let saved: PlatformBackup;
  const restore = (
    input: Partial<Parameters<typeof restoreDatabases>[3]> = {},
    wrap?: (one: Connection) => Connection,
  ) =>
    restoreDatabases(
      bench.context({ step: "restore", ...(wrap === undefined ? {} : { wrap }) }),
      settingsOf(server, {}),
      saved,
      { stamp, ...input },
    );
  const migrate = async (): Promise<void> => {
    for (const tenant of tenants) {
      const database = `Interaction_${tenant}`;
      await onServer(server, database, `UPDATE ${interactions} SET [State] = N'Migrated'`);
    }
  };

  before(async () => {
    server = await sqlServerForTests();
  });
  after(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    await installRedpoint(server);
    bench = await openOperationalBench({ v6: server.connectionString("Pulse") });
    await bench.begin("1.1");
    const { receipt, lines } = await runBackupStep(bench, settingsOf(server, {}));
    assert.equal(receipt.verdict, "passed", lines.join("\n"));
    saved = await savedBackup(bench);
    await migrate();
  });
  afterEach(async () => {
    await bench.close();
    await server.standIn?.faults.clear();
    await dropDatabases(server, () => true);
  });

  it("brings all databases back, by content, with sessions open; what was replaced is kept and can be removed", async () => {
    const session = await server.connect({ database: "Interaction_acme", application: "at work" });
    await session.query("SELECT 1 AS one");
    const restored = await restore();
    await session.close();
    assert.equal(restored.length, 8);
    for (const tenant of tenants) {
      assert.deepEqual(await interactionStates(server, `Interaction_${tenant}`), asBefore);
      assert.deepEqual(await interactionStates(server, `Interaction_${tenant}_replaced_${stamp}`), asMigrated);
    }
    assert.equal((await databaseNames(server)).length, 16);
    const modes = await onServer<{ name: string; user_access_desc: string }>(
      server,
      "master",
      "SELECT name, user_access_desc FROM sys.databases",
    );
    const closed = modes.filter(({ user_access_desc }) => user_access_desc !== "MULTI_USER");
    assert.deepEqual(closed, []);
    const [first] = restored;
    assert.ok(first !== undefined && Date.parse(first.lostFrom) < Date.parse(first.lostTo));
    const context = bench.context({ step: "restore" });
    await dropKept(context, settingsOf(server, {}), `Pulse_replaced_${stamp}`);
    await assert.rejects(dropKept(context, settingsOf(server, {}), "Pulse"), /CUT-5545/);
    assert.equal((await databaseNames(server)).length, 15);
    assert.ok((await databaseNames(server)).includes("Pulse"));
  });

  it("killed after every single statement in turn, the same call goes on until all are back", async () => {
    // Each try dies after one more change than the one before; the last one has nothing left to do.
    let tries = 0;
    for (let allowed = 1; ; allowed += 3) {
      tries += 1;
      let left = allowed;
      const wrap = (connection: Connection): Connection => ({
        ...connection,
        async batch<Row>(sql: string, options?: Parameters<Connection["batch"]>[1]): Promise<Row[]> {
          const changes = /^(RESTORE DATABASE|ALTER DATABASE|DROP DATABASE)/.test(sql);
          if (changes && left === 0) throw new Error("killed");
          const rows = await connection.batch<Row>(sql, options);
          if (changes) left -= 1;
          return rows;
        },
      });
      const ended = await restore({}, wrap).then(
        () => true,
        (error: unknown) => {
          assert.match(String(error), /killed/);
          return false;
        },
      );
      const names = await databaseNames(server);
      for (const tenant of tenants) {
        const kept = names.includes(`Interaction_${tenant}_replaced_${stamp}`)
          ? `Interaction_${tenant}_replaced_${stamp}`
          : `Interaction_${tenant}`;
        // SINGLE_USER keeps this test out as it keeps everybody out; the database is there all the same.
        assert.ok(names.includes(kept));
      }
      if (ended) break;
    }
    assert.ok(tries > 3);
    for (const tenant of tenants) {
      assert.deepEqual(await interactionStates(server, `Interaction_${tenant}`), asBefore);
      assert.deepEqual(await interactionStates(server, `Interaction_${tenant}_replaced_${stamp}`), asMigrated);
    }
    assert.ok(!(await databaseNames(server)).some((name) => name.includes("_restore_")));
  });

  standInTest(
    "a file of the server to be changed",
    "one damaged backup: nothing is restored, nothing renamed",
    async () => {
      const last = saved.databases.at(-1);
      assert.ok(last);
      const file = await open(last.path, "r+");
      const { size } = await file.stat();
      await file.write(Buffer.from("damage"), 0, 6, Math.floor(size * 0.7));
      await file.close();
      const names = await databaseNames(server);
      await assert.rejects(restore(), (error: unknown) =>
        String(error).includes(`CUT-5537 the backup of ${last.database} cannot be read back`),
      );
      assert.deepEqual(await databaseNames(server), names);
      assert.deepEqual(await interactionStates(server, "Interaction_acme"), asMigrated);
    },
  );

  it("another backup under the right name is not taken for the right one", async () => {
    saved = {
      ...saved,
      databases: saved.databases.map((one) => ({ ...one, proof: "00000000-0000-0000-0000-000000000000" })),
    };
    await assert.rejects(restore(), /CUT-5537/);
    assert.equal((await databaseNames(server)).length, 8);
  });

  it("a second restore with another stamp is refused while the first is unfinished", async () => {
    const stop = async (phase: string): Promise<void> => {
      if (phase === "restored") throw new Error("killed");
    };
    await assert.rejects(restore({ onPhase: stop }), /killed/);
    const names = await databaseNames(server);
    await assert.rejects(
      restore({ stamp: "20261123_000000" }),
      /CUT-5543 an earlier restore of Pulse was not finished/,
    );
    assert.deepEqual(await databaseNames(server), names);
    await restore();
    assert.deepEqual(await interactionStates(server, "Interaction_acme"), asBefore);
  });

  standInTest(
    "a lost connection",
    "the connection is lost in the middle of a restore: nothing is swapped before all are complete, the next call goes on",
    async () => {
      await server.standIn?.faults.set([
        {
          fault: "connectionLost",
          atPercent: 50,
          then: "stop",
          during: "RESTORE",
          database: `Interaction_acme_restore_${stamp}`,
        },
      ]);
      await assert.rejects(restore(), /CUT-5538/);
      assert.deepEqual(await interactionStates(server, "Interaction_acme"), asMigrated);
      await server.standIn?.faults.clear();
      await restore();
      assert.deepEqual(await interactionStates(server, "Interaction_acme"), asBefore);
    },
  );

  standInTest("other kinds of server", "a managed server is refused in words, before anything is touched", async () => {
    for (const variant of ["azure", "managedInstance", "rds", "cloudSql"] as const) {
      await server.standIn?.faults.set([{ fault: "variant", variant }]);
      await assert.rejects(restore(), /CUT-5530/, variant);
      await server.standIn?.faults.clear();
    }
    assert.deepEqual(await interactionStates(server, "Interaction_acme"), asMigrated);
  });

  it("databases are put aside under new names, and the call can be repeated", async () => {
    const input = { databases: ["Pulse", "Interaction_acme"], stamp };
    const context = bench.context({ step: "restore" });
    const aside = await renameAside(context, settingsOf(server, {}), input);
    assert.deepEqual(await renameAside(context, settingsOf(server, {}), input), aside);
    assert.deepEqual(await interactionStates(server, `Interaction_acme_replaced_${stamp}`), asMigrated);
    await onServer(server, "master", "CREATE DATABASE [Pulse]");
    await assert.rejects(renameAside(context, settingsOf(server, {}), input), /CUT-5544/);
  });

  it("tenants and their settings are read and written by the user's statements", async () => {
    const context = bench.context({ step: "configure" });
    const settings = settingsOf(server, {});
    assert.deepEqual([...(await listTenants(context, settings))].sort(), [...tenants].sort());
    const table = "[dbo].[rpi_Setting]";
    const where = "WHERE [Tenant] = @tenant AND [Name] = @setting";
    const own = {
      read: `SELECT [Value] FROM ${table} ${where}`,
      write: `UPDATE ${table} SET [Value] = @value ${where}`,
    };
    const name = "FileOutputDirectory";
    assert.equal(await readTenantSetting(context, settings, own, "acme", name), "C:\\RPI\\FileAssets");
    await writeTenantSetting(context, settings, own, "acme", name, "/rpifileoutputdir' --");
    assert.equal(await readTenantSetting(context, settings, own, "acme", name), "/rpifileoutputdir' --");
    assert.equal(await readTenantSetting(context, settings, own, "o'neil [x]", name), "C:\\RPI\\FileAssets");
    await assert.rejects(writeTenantSetting(context, settings, own, "nobody", name, "x"), /CUT-5552/);
    await assert.rejects(
      readTenantSetting(context, settings, { read: "SELECT x FROM nowhere" }, "acme", name),
      /CUT-5551/,
    );
  });
});
