import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readdirSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { connectPostgres } from "../../clients/postgres.ts";
import { operationalDatabases, type OperationalDatabases } from "../../model/operational-databases.ts";
import type { PlatformBackup } from "../../model/platform-backup.ts";
import { startPostgres, type PostgresServer } from "../../sandbox/postgres/start-postgres.ts";
import {
  contentStatements,
  createDatabaseStatement,
  redpointDatabases,
  tableName,
  type RedpointInstallation,
} from "../../sandbox/sqlserver/redpoint-schema.ts";
import { checkCloneIsApart } from "../../steps/operational/clone-apart.ts";
import { discoverDatabases } from "../../steps/operational/discover.ts";
import { putClonesAside } from "../../steps/operational/put-aside.ts";
import { dropKept } from "../../steps/operational/rename-aside.ts";
import { restoreDatabases } from "../../steps/operational/restore.ts";
import { listTenants, readTenantSetting, writeTenantSetting } from "../../steps/operational/settings.ts";
import { backupOfOperation } from "../../steps/platform/stored-backup.ts";
import { openOperationalBench, reference, type OperationalBench } from "./support/operational-bench.ts";

// Two real PostgreSQL servers: where v6 works, and where its clones go.

const tenantTable = tableName("rpi_Tenant", "postgresql");
const settingTable = tableName("rpi_Setting", "postgresql");
const interactionTable = tableName("rpi_Interaction", "postgresql");

describe("operational databases on PostgreSQL", function () {
  this.timeout(180_000);
  let directory: string;
  let v6: PostgresServer;
  let staging: PostgresServer;
  let bench: OperationalBench;
  const text = (server: PostgresServer, database: string) =>
    `Host=${server.host};Port=${server.port};Database=${database};Username=postgres;Password=${server.password}`;
  const on = async <Row>(server: PostgresServer, database: string, sql: string): Promise<Row[]> => {
    const { host, port, password } = server;
    const login = { host, port, user: "postgres", password, database };
    const connection = await connectPostgres(login, { applicationName: "cutover-test" });
    try {
      return await connection.query<Row>(sql);
    } finally {
      await connection.close();
    }
  };
  const names = async (server: PostgresServer): Promise<string[]> =>
    (
      await on<{ name: string }>(server, "postgres", "SELECT datname AS name FROM pg_database WHERE NOT datistemplate")
    ).map(({ name }) => name);
  const states = async (server: PostgresServer, database: string) =>
    (await on<{ State: string }>(server, database, `SELECT "State" FROM ${interactionTable} ORDER BY "Id"`)).map(
      (row) => row.State,
    );
  const settingsOf = (changes: Record<string, unknown>): OperationalDatabases =>
    operationalDatabases.parse({
      provider: "postgresql",
      mode: "inPlace",
      server: { connection: reference("v6") },
      realtime: ["RPIRealtime", "RPIRealtimeCore"],
      backupFolder: "unused",
      ...changes,
    });
  const rows = (column: string) =>
    `SELECT "Name" AS tenant, "${column}" AS server, "${column}" AS database FROM ${tenantTable}`;
  const query = `${rows("OperationalConnection")} UNION ALL ${rows("AuditConnection")}`;
  const move = (column: string) =>
    `"${column}" = CASE WHEN "${column}" = @oldConnection THEN @connection ELSE "${column}" END`;
  const rewrite = `UPDATE ${tenantTable} SET ${move("OperationalConnection")}, ${move("AuditConnection")} WHERE "Name" = @tenant`;
  const cloneTo = (changes: Record<string, unknown> = {}): OperationalDatabases =>
    settingsOf({
      ...{ mode: "clone", source: { connection: reference("v6") }, server: { connection: reference("staging") } },
      ...{ tenantConnections: { query, rewrite } },
      ...changes,
    });
  const backup = (settings: OperationalDatabases, attempt = "1.1") =>
    bench.run({
      step: "backup",
      attempt,
      spec: { nodes: [], procedure: null, operationalDatabases: settings, folder: "backups", acknowledged: [] },
    });
  const clone = (settings: OperationalDatabases, attempt = "1.1", signal?: AbortSignal) =>
    bench.run({
      step: "clone",
      attempt,
      spec: { operationalDatabases: settings, folder: "backups" },
      ...(signal === undefined ? {} : { signal }),
    });
  const manifest = async (): Promise<PlatformBackup> => {
    const found = await backupOfOperation(bench.context({ step: "restore" }));
    assert.ok(found?.backup);
    return found.backup;
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "cutover-operational-pg-"));
    await chmod(directory, 0o755);
    const [one, two] = ["v6", "staging"].map((name) => join(directory, name));
    for (const folder of [one, two]) mkdirSync(join(folder ?? "", "logs"), { recursive: true, mode: 0o755 });
    const start = (folder = "") => startPostgres({ directory: folder, environment: process.env, say: () => undefined });
    [v6, staging] = await Promise.all([start(one), start(two)]);
    process.env["PATH"] = `${v6.binaries}${delimiter}${process.env["PATH"] ?? ""}`;
    const installation: RedpointInstallation = {
      version: "6.7.24250",
      tenants: ["acme", "Über [x]"],
      connectionTo: (database) => text(v6, database),
    };
    for (const database of redpointDatabases(installation)) {
      await on(v6, "postgres", createDatabaseStatement(database.name, "postgresql"));
      for (const sql of contentStatements(database, installation, "postgresql")) await on(v6, database.name, sql);
    }
    // Looks like a tenant's database only to whoever takes `_` for a wildcard.
    await on(v6, "postgres", 'CREATE DATABASE "InteractionXacme"');
  });
  after(async () => {
    await Promise.all([v6.stop(), staging.stop()]);
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    bench = await openOperationalBench({
      v6: `PostgreSQL:${text(v6, "Pulse")};SSL Mode=Disable`,
      staging: `${text(staging, "Pulse")};SSL Mode=Disable`,
      copy: `${text(v6, "v7_Pulse")};SSL Mode=Disable`,
    });
    await bench.begin("1.1");
  });
  afterEach(async () => {
    for (const server of [v6, staging]) {
      for (const name of await names(server)) {
        const ours = /_replaced_|_restore_|_part$|^v7_/.test(name) || server === staging;
        if (ours && name !== "postgres") await on(server, "postgres", `DROP DATABASE "${name}" WITH (FORCE)`);
      }
    }
    await bench.close();
  });

  it("finds Pulse, its logging, realtime and every tenant's pair, and nothing that only looks like one", async () => {
    const found = await discoverDatabases(bench.context({ step: "preflight" }), settingsOf({}), "server");
    assert.deepEqual(found.tenants, ["acme", "Über [x]"]);
    assert.equal(found.databases.length, 8);
    assert.ok(!found.databases.some(({ name }) => name === "InteractionXacme"));
    await on(v6, "postgres", 'ALTER DATABASE "InteractionAudit_acme" RENAME TO "v7_hidden"');
    const missing = discoverDatabases(bench.context({ step: "preflight" }), settingsOf({}), "server");
    await assert.rejects(missing, /CUT-5525/);
    await on(v6, "postgres", 'ALTER DATABASE "v7_hidden" RENAME TO "InteractionAudit_acme"');
  });

  it("backs every database up with its rows; the same run keeps its dumps, a changed file stops it", async () => {
    const { receipt } = await backup(settingsOf({}));
    assert.equal(receipt.verdict, "passed", receipt.summary);
    const { databases } = await manifest();
    const tenant = databases.find(({ database }) => database === "Interaction_Über [x]");
    assert.deepEqual(tenant?.rows, { "dbo.rpi_Interaction": 3 });
    await on(v6, "Interaction_acme", `INSERT INTO ${interactionTable} SELECT 99, 'later', 'sms', 'Draft'`);
    await bench.begin("1.2");
    const again = await backup(settingsOf({}), "1.2");
    assert.equal(again.receipt.verdict, "passed", again.receipt.summary);
    assert.deepEqual((await manifest()).databases, databases);
    await on(v6, "Interaction_acme", `DELETE FROM ${interactionTable} WHERE "Id" = 99`);
    const folder = join(bench.root, databases[0]?.path ?? "");
    const data = readdirSync(folder).find((name) => name.endsWith(".dat.gz"));
    appendFileSync(join(folder, data ?? ""), "x");
    await bench.begin("1.3");
    const damaged = await backup(settingsOf({}), "1.3");
    assert.match(damaged.lines.join("\n"), /CUT-5523 failed: the dump .* is damaged/);
  });

  it("clones to another server: content equal, source untouched, connections lead to the clone, second attempt keeps all", async () => {
    await backup(cloneTo());
    const { receipt, lines } = await clone(cloneTo());
    assert.equal(receipt.verdict, "passed", lines.join("\n"));
    assert.deepEqual(await states(staging, "Interaction_acme"), ["Active", "Draft", "Completed"]);
    assert.deepEqual(await states(staging, "Interaction_Über [x]"), await states(v6, "Interaction_Über [x]"));
    const stored = await on<{ place: string }>(
      staging,
      "Pulse",
      `SELECT "AuditConnection" AS place FROM ${tenantTable}`,
    );
    for (const { place } of stored) assert.ok(place.includes(`Port=${staging.port}`), place);
    const source = await on<{ place: string }>(v6, "Pulse", `SELECT "AuditConnection" AS place FROM ${tenantTable}`);
    for (const { place } of source) assert.ok(place.includes(`Port=${v6.port}`), place);
    assert.ok(!(await names(v6)).some((name) => name.endsWith("_part")));
    assert.ok(!JSON.stringify(await bench.ledger.pages()).includes(v6.password));
    await bench.begin("1.2");
    await on(staging, "Interaction_acme", `UPDATE ${interactionTable} SET "State" = 'Migrated'`);
    const again = await clone(cloneTo(), "1.2");
    assert.deepEqual([again.receipt.verdict, again.receipt.reused], ["passed", true], again.lines.join("\n"));
    assert.deepEqual(await states(staging, "Interaction_acme"), ["Migrated", "Migrated", "Migrated"]);
    const input = { databases: ["Pulse", "Interaction_acme"], when: "after" } as const;
    const check = await checkCloneIsApart(bench.context({ step: "migrate" }), cloneTo(), input);
    assert.match(check.problems.join("\n"), /tenant Über \[x\]: database Interaction_Über \[x\] .* points neither/);
    const aside = await putClonesAside(bench.context({ step: "restore" }), cloneTo(), "20261122T191422Z");
    assert.equal(aside.length, 8);
    assert.ok((await names(staging)).includes("Pulse_replaced_20261122T191422Z"));
    await dropKept(bench.context({ step: "restore" }), cloneTo(), "Pulse_replaced_20261122T191422Z");
    await assert.rejects(dropKept(bench.context({ step: "restore" }), cloneTo(), "postgres"), /CUT-5545/);
    assert.ok(!(await names(staging)).includes("Pulse_replaced_20261122T191422Z"));
  });

  it("a database of a wanted name that this run did not make is named, and no clone is begun", async () => {
    await on(staging, "postgres", 'CREATE DATABASE "Interaction_acme"');
    await backup(cloneTo());
    const { lines } = await clone(cloneTo());
    assert.match(lines.join("\n"), /CUT-5506 failed: Interaction_acme on .* not made by this run/);
    assert.deepEqual((await names(staging)).sort(), ["Interaction_acme", "postgres"]);
  });

  it("connections that are not rewritten, or to a wrong place, fail the step by tenant, server and database", async () => {
    await backup(cloneTo());
    const kept = await clone(cloneTo({ tenantConnections: { query } }));
    const said = kept.lines.join("\n");
    assert.match(
      said,
      new RegExp(`CUT-5510[\\s\\S]*tenant acme: database Interaction_acme on ${v6.host} still points at the source`),
    );
    assert.ok(!said.includes(v6.password), "a password was shown");
    const wrong = rewrite.replaceAll("@connection", "replace(@connection, @database, 'Interaction_lost')");
    const lost = await clone(cloneTo({ tenantConnections: { query, rewrite: wrong } }));
    assert.match(lost.lines.join("\n"), /tenant acme: database Interaction_lost on .* points neither at the clone nor/);
    const broken = await clone(cloneTo({ tenantConnections: { query: "SELECT 1", rewrite } }));
    assert.match(broken.lines.join("\n"), /CUT-5511 errored[\s\S]*a row has 1 columns/);
  });

  it("on the source's own server: refused without a rewrite and with the source's names, good with both", async () => {
    const here = (changes: Record<string, unknown>) =>
      cloneTo({ server: { connection: reference("copy") }, ...changes });
    const clones = { clone: { name: "v7_${database}" } };
    await backup(here(clones));
    const before = (await names(v6)).sort();
    const without = await clone(here({ ...clones, tenantConnections: undefined }));
    assert.match(without.lines.join("\n"), /source and clone are on the same server/);
    const same = await clone(here({}));
    assert.match(same.lines.join("\n"), /the clone of Pulse would be called Pulse/);
    assert.deepEqual((await names(v6)).sort(), before);
    const good = await clone(here(clones));
    assert.equal(good.receipt.verdict, "passed", good.lines.join("\n"));
    assert.deepEqual(await states(v6, "v7_Interaction_acme"), ["Active", "Draft", "Completed"]);
    const stored = await on<{ place: string }>(v6, "v7_Pulse", `SELECT "AuditConnection" AS place FROM ${tenantTable}`);
    for (const { place } of stored) assert.match(place, /Database="?v7_InteractionAudit_/);
  });

  it("killed in the middle of the clones, the next attempt goes on with what is there", async () => {
    await backup(cloneTo());
    const stop = new AbortController();
    const watched = bench.said;
    const timer = setInterval(() => {
      if (watched.some((line) => line.startsWith("cloning Interaction_acme "))) stop.abort(new Error("killed"));
    }, 1);
    const { receipt } = await clone(cloneTo(), "1.1", stop.signal);
    clearInterval(timer);
    assert.notEqual(receipt.verdict, "passed");
    assert.ok((await names(staging)).includes("Pulse"));
    await bench.begin("1.2");
    const again = await clone(cloneTo(), "1.2");
    assert.equal(again.receipt.verdict, "passed", again.lines.join("\n"));
    assert.ok(bench.said.includes("Pulse was made by this run before and is kept"));
    assert.deepEqual(
      (await names(staging)).filter((name) => name.endsWith("_part")),
      [],
    );
    assert.equal((await names(staging)).length, 9);
  });

  it("restores all databases beside and swaps them, with sessions open; what was replaced is kept; killed in between it goes on", async () => {
    await backup(settingsOf({}));
    const saved = await manifest();
    await on(v6, "Interaction_acme", `UPDATE ${interactionTable} SET "State" = 'Migrated'`);
    const { host, port, password } = v6;
    const login = { host, port, user: "postgres", password, database: "Interaction_acme" };
    const session = await connectPostgres(login, { applicationName: "still at work" });
    const stop = new AbortController();
    const stamp = "20261122_191422";
    const input = {
      stamp,
      onPhase: async (phase: string) => void (phase === "restored" && stop.abort(new Error("killed"))),
    };
    const context = bench.context({ step: "restore", signal: stop.signal });
    await assert.rejects(restoreDatabases(context, settingsOf({}), saved, input), /killed/);
    assert.deepEqual(await states(v6, "Interaction_acme"), ["Migrated", "Migrated", "Migrated"]);
    assert.ok((await names(v6)).includes(`Pulse_restore_${stamp}`));
    const other = restoreDatabases(bench.context({ step: "restore" }), settingsOf({}), saved, {
      stamp: "20261123_000000",
    });
    await assert.rejects(other, /CUT-5543/);
    const restored = await restoreDatabases(bench.context({ step: "restore" }), settingsOf({}), saved, { stamp });
    await session.close();
    assert.equal(restored.length, 8);
    assert.deepEqual(await states(v6, "Interaction_acme"), ["Active", "Draft", "Completed"]);
    assert.deepEqual(await states(v6, `Interaction_acme_replaced_${stamp}`), ["Migrated", "Migrated", "Migrated"]);
    assert.ok(!(await names(v6)).some((name) => name.includes("_restore_")));
  });

  it("one damaged dump: no database is restored, none renamed", async () => {
    await backup(settingsOf({}));
    const saved = await manifest();
    const folder = join(bench.root, saved.databases.at(-1)?.path ?? "");
    appendFileSync(join(folder, "toc.dat"), "x");
    const before = (await names(v6)).sort();
    const restore = restoreDatabases(bench.context({ step: "restore" }), settingsOf({}), saved, {
      stamp: "20261122_191422",
    });
    await assert.rejects(restore, /CUT-5520/);
    assert.deepEqual((await names(v6)).sort(), before);
  });

  it("tenants and their settings are read and written by the user's statements", async () => {
    const context = bench.context({ step: "configure" });
    const settings = settingsOf({});
    assert.deepEqual(await listTenants(context, settings), ["acme", "Über [x]"]);
    const where = `FROM ${settingTable} WHERE "Tenant" = @tenant AND "Name" = @setting`;
    const statements = {
      read: `SELECT "Value" ${where}`,
      write: `UPDATE ${settingTable} SET "Value" = @value WHERE "Tenant" = @tenant AND "Name" = @setting`,
    };
    const name = "FileOutputDirectory";
    assert.equal(await readTenantSetting(context, settings, statements, "acme", name), "C:\\RPI\\FileAssets");
    await writeTenantSetting(context, settings, statements, "acme", name, "/rpifileoutputdir' --");
    assert.equal(await readTenantSetting(context, settings, statements, "acme", name), "/rpifileoutputdir' --");
    assert.equal(await readTenantSetting(context, settings, statements, "Über [x]", name), "C:\\RPI\\FileAssets");
    assert.equal(await readTenantSetting(context, settings, statements, "acme", "Nothing"), null);
    const lost = writeTenantSetting(context, settings, statements, "nobody", name, "x");
    await assert.rejects(lost, /CUT-5552/);
    await assert.rejects(readTenantSetting(context, settings, {}, "acme", name), /CUT-5550/);
    const broken = readTenantSetting(context, settings, { read: "SELECT nonsense" }, "acme", name);
    await assert.rejects(broken, /CUT-5551/);
  });
});
