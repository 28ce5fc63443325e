import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { OperationalDatabases } from "../../model/operational-databases.ts";
import { cloneBetween } from "../../steps/clone.ts";
import { backUpDatabases } from "../../steps/operational/back-up.ts";
import { checkCloneIsApart } from "../../steps/operational/clone-apart.ts";
import { openHost } from "../../steps/operational/open-host.ts";
import { putClonesAside } from "../../steps/operational/put-aside.ts";
import { openOperationalBench, type OperationalBench } from "./support/operational-bench.ts";
import {
  databaseNames,
  dropDatabases,
  installRedpoint,
  interactionStates,
  interactions,
  onServer,
  runBackupStep,
  runCloneStep,
  savedBackup,
  serverAt,
  settingsOf,
  statements,
  storedConnections,
} from "./support/operational-sql.ts";
import { isRealSqlServer, sqlServerForTests, standInTest, type TestSqlServer } from "./support/sql-server.ts";

const asBefore = ["Active", "Draft", "Completed"];

describe("clones on SQL Server", function () {
  this.timeout(120_000);
  let v6: TestSqlServer;
  /** On a real server there is no second one: then it is the same, and the tests that need another are listed, not run. */
  let staging: TestSqlServer;
  let bench: OperationalBench;
  const cloneTo = (changes: Record<string, unknown> = {}): OperationalDatabases =>
    settingsOf(v6, {
      mode: "clone",
      source: serverAt("v6", v6),
      server: serverAt("staging", staging),
      tenantConnections: statements,
      ...changes,
    });
  const here = (changes: Record<string, unknown> = {}): OperationalDatabases =>
    cloneTo({ server: serverAt("copy", v6), ...changes });
  const copies = { clone: { name: "v7_${database}" } };

  before(async () => {
    v6 = await sqlServerForTests({ majorVersion: 15 });
    // One after the other: a server is known by its name and the moment of its start, and stand-ins share the name.
    await sleep(50);
    staging = isRealSqlServer ? v6 : await sqlServerForTests();
    await installRedpoint(v6);
  });
  after(async () => {
    await v6.stop();
    if (staging !== v6) await staging.stop();
  });
  beforeEach(async () => {
    bench = await openOperationalBench({
      v6: v6.connectionString("Pulse"),
      staging: staging.connectionString("Pulse"),
      copy: v6.connectionString("v7_Pulse"),
    });
    await bench.begin("1.1");
  });
  afterEach(async () => {
    await bench.close();
    for (const server of [v6, staging]) await server.standIn?.faults.clear();
    if (staging !== v6) await dropDatabases(staging, () => true);
    await dropDatabases(v6, (name) => name.startsWith("v7_"));
  });

  standInTest(
    "a second server",
    "on another server: content equal, every file in the target's folders, source untouched, connections lead to the clone",
    async () => {
      const saved = await runBackupStep(bench, cloneTo());
      assert.equal(saved.receipt.verdict, "passed", saved.lines.join("\n"));
      const connections = await storedConnections(v6, "Pulse");
      const { receipt, lines } = await runCloneStep(bench, cloneTo());
      assert.equal(receipt.verdict, "passed", lines.join("\n"));
      assert.deepEqual(await interactionStates(staging, "Interaction_acme"), asBefore);
      assert.deepEqual(await interactionStates(staging, "Interaction_o'neil [x]"), asBefore);
      assert.equal((await databaseNames(staging)).length, 8);
      for (const place of await storedConnections(staging, "Pulse"))
        assert.ok(place.includes(`,${staging.port};`), place);
      assert.deepEqual(await storedConnections(v6, "Pulse"), connections);
      const files = await onServer<{ physical_name: string }>(
        staging,
        "master",
        "SELECT physical_name FROM sys.master_files WHERE database_id > 4",
      );
      const inFolders = (path: string) =>
        [staging.dataFolder, staging.logFolder].some((folder) => path.startsWith(folder));
      assert.ok(files.length >= 16 && files.every(({ physical_name }) => inFolders(physical_name)));
      const ledger = JSON.stringify(await bench.ledger.pages());
      for (const { password } of [v6, staging]) assert.ok(!ledger.includes(password));
    },
  );

  standInTest(
    "a second server",
    "a later attempt keeps what was finished, also after v7 migrated it; a later run of the stack upgrades its clones",
    async () => {
      await runBackupStep(bench, cloneTo());
      await runCloneStep(bench, cloneTo());
      await onServer(
        staging,
        "Interaction_acme",
        `INSERT INTO ${interactions} VALUES (4, N'new', N'sms', N'Migrated')`,
      );
      await bench.begin("1.2");
      const again = await runCloneStep(bench, cloneTo(), { attempt: "1.2" });
      assert.deepEqual([again.receipt.verdict, again.receipt.reused], ["passed", true], again.lines.join("\n"));
      assert.equal((await interactionStates(staging, "Interaction_acme")).length, 4);
      const later = { which: "server", run: "2", folder: "backups", acknowledged: [] } as const;
      const ofClones = await backUpDatabases(bench.context({ step: "backup", attempt: "2.1" }), cloneTo(), later);
      const context = bench.context({ step: "clone", attempt: "2.1" });
      const hosts = {
        source: await openHost(context, cloneTo(), "source"),
        target: await openHost(context, cloneTo(), "server"),
      };
      const upgraded = await cloneBetween(context, hosts, cloneTo(), { ...(await savedBackup(bench)), ...ofClones });
      assert.match(upgraded.summary, /8 clones on .* are kept as they are/);
      assert.equal((await interactionStates(staging, "Interaction_acme")).length, 4);
      const databases = ["Pulse", "Interaction_acme"];
      const check = await checkCloneIsApart(bench.context({ step: "migrate" }), cloneTo(), {
        databases,
        when: "after",
      });
      assert.match(
        check.problems.join("\n"),
        /tenant o'neil \[x\]: database Interaction_o'neil \[x\] .* points neither/,
      );
      const aside = await putClonesAside(bench.context({ step: "restore" }), cloneTo(), "20261122T191422Z");
      assert.equal(aside.length, 8);
      assert.equal((await interactionStates(staging, "Interaction_acme_replaced_20261122T191422Z")).length, 4);
    },
  );

  standInTest(
    "a second server",
    "a database of a wanted name that this run did not make is named, and no clone is begun",
    async () => {
      await onServer(staging, "master", "CREATE DATABASE [Interaction_acme]");
      await runBackupStep(bench, cloneTo());
      const { lines } = await runCloneStep(bench, cloneTo());
      assert.match(lines.join("\n"), /CUT-5506 failed: Interaction_acme on .* was not made by this run/);
      assert.deepEqual(await databaseNames(staging), ["Interaction_acme"]);
    },
  );

  standInTest(
    "a second server",
    "connections that are not rewritten, or wrongly, fail the step by tenant, server and database, without a password",
    async () => {
      await runBackupStep(bench, cloneTo());
      const kept = await runCloneStep(bench, cloneTo({ tenantConnections: { query: statements.query } }));
      const said = kept.lines.join("\n");
      assert.match(
        said,
        /CUT-5510[\s\S]*tenant acme: database Interaction_acme on tcp:localhost,\d+ still points at the source/,
      );
      assert.ok(!said.includes(v6.password));
      const rewrite = statements.rewrite.replaceAll("@connection", "REPLACE(@connection, @database, N'Lost')");
      const lost = await runCloneStep(bench, cloneTo({ tenantConnections: { ...statements, rewrite } }));
      assert.match(
        lost.lines.join("\n"),
        /tenant acme: database Lost on .* points neither at the clone nor at the source/,
      );
      const nothing = await runCloneStep(
        bench,
        cloneTo({ tenantConnections: { ...statements, query: `${statements.query} WHERE 1 = 0` } }),
      );
      assert.match(nothing.lines.join("\n"), /CUT-5511|CUT-5510/);
    },
  );

  it("on the source's own server: refused before anything is touched, unless names differ and connections are rewritten", async () => {
    await runBackupStep(bench, here(copies));
    const untouched = await databaseNames(v6);
    const without = await runCloneStep(bench, here({ ...copies, tenantConnections: undefined }));
    assert.match(without.lines.join("\n"), /CUT-5510[\s\S]*source and clone are on the same server/);
    const same = await runCloneStep(bench, here());
    assert.match(same.lines.join("\n"), /the clone of Pulse would be called Pulse, as the source's own database/);
    assert.deepEqual(await databaseNames(v6), untouched);
    const good = await runCloneStep(bench, here(copies));
    assert.equal(good.receipt.verdict, "passed", good.lines.join("\n"));
    assert.deepEqual(await interactionStates(v6, "v7_Interaction_acme"), asBefore);
    for (const place of await storedConnections(v6, "v7_Pulse")) assert.match(place, /Database="?v7_Interaction/);
  });

  standInTest(
    "a lost connection",
    "the connection is lost in the middle of a restore: whatever the server did with it, no clone is half made at the end",
    async () => {
      await runBackupStep(bench, here(copies));
      const database = "v7_Interaction_acme";
      for (const then of ["stop", "finish"] as const) {
        await v6.standIn?.faults.set([{ fault: "connectionLost", atPercent: 50, then, during: "RESTORE", database }]);
        const cut = await runCloneStep(bench, here(copies));
        assert.ok(
          bench.said.some((line) => line.startsWith(`the connection was lost while ${database}`)),
          then,
        );
        assert.equal(cut.receipt.verdict, then === "finish" ? "passed" : "errored", cut.lines.join("\n"));
        await v6.standIn?.faults.clear();
        const { receipt, lines } = await runCloneStep(bench, here(copies));
        assert.equal(receipt.verdict, "passed", `${then}: ${lines.join("\n")}`);
        assert.deepEqual(await interactionStates(v6, database), asBefore);
        bench.said.length = 0;
        await dropDatabases(v6, (name) => name.startsWith("v7_"));
      }
    },
  );

  standInTest("a second server", "the connection is lost while a backup is read: it is read again", async () => {
    await runBackupStep(bench, cloneTo());
    await staging.standIn?.faults.set([
      { fault: "connectionLost", atPercent: 50, then: "stop", database: "Interaction_acme" },
    ]);
    const { receipt, lines } = await runCloneStep(bench, cloneTo());
    assert.equal(receipt.verdict, "passed", lines.join("\n"));
    assert.ok(bench.said.some((line) => line.endsWith("Interaction_acme was read: reading it again")));
  });

  standInTest(
    "a second server",
    "a restore that is stopped leaves a database in RESTORING, which the next attempt removes and makes again",
    async () => {
      await runBackupStep(bench, cloneTo());
      await staging.standIn?.faults.set([
        { fault: "slow", milliseconds: 4000, during: "RESTORE", database: "Interaction_acme" },
      ]);
      const stop = new AbortController();
      const running = runCloneStep(bench, cloneTo(), { signal: stop.signal });
      const timer = setInterval(() => {
        if (bench.said.some((line) => line.startsWith("cloning Interaction_acme "))) {
          setTimeout(() => stop.abort(new Error("killed")), 500);
          clearInterval(timer);
        }
      }, 5);
      assert.notEqual((await running).receipt.verdict, "passed");
      await staging.standIn?.faults.clear();
      await bench.begin("1.2");
      const { receipt, lines } = await runCloneStep(bench, cloneTo(), { attempt: "1.2" });
      assert.equal(receipt.verdict, "passed", lines.join("\n"));
      assert.ok(bench.said.includes("Pulse was made by this run before and is kept"));
      assert.deepEqual(await interactionStates(staging, "Interaction_acme"), asBefore);
    },
  );

  standInTest(
    "a second server",
    "an older server, a disk that it cannot see, a full disk: each said in its own words, nothing left unsaid",
    async () => {
      await runBackupStep(bench, cloneTo());
      const old = await sqlServerForTests({ majorVersion: 14 });
      try {
        const other = await openOperationalBench({
          v6: v6.connectionString("Pulse"),
          staging: old.connectionString("Pulse"),
        });
        await other.begin("1.1");
        await runBackupStep(other, cloneTo());
        const onOld = cloneTo({ server: serverAt("staging", old) });
        assert.match(
          (await runCloneStep(other, onOld)).lines.join("\n"),
          /CUT-5531 failed: the backup of Pulse is of a newer SQL Server/,
        );
        await other.close();
      } finally {
        await old.stop();
      }
      await staging.standIn?.faults.set([{ fault: "diskFull", atPercent: 50, database: "Interaction_acme" }]);
      const full = (await runCloneStep(bench, cloneTo())).lines.join("\n");
      assert.match(full, /CUT-5535 failed: there is not enough space for Interaction_acme/);
      await staging.standIn?.faults.clear();
      const { databases } = await savedBackup(bench);
      const last = databases.at(-1);
      await rm(last?.path ?? "");
      const gone = (await runCloneStep(bench, cloneTo())).lines.join("\n");
      assert.ok(gone.includes(`CUT-5533 failed: the server that shall restore ${last?.database} cannot open`), gone);
    },
  );
});
