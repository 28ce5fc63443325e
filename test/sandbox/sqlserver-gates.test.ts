import assert from "node:assert/strict";
import type { Kubernetes } from "../../clients/contracts.ts";
import { connectSqlServer } from "../../clients/sqlserver/connect.ts";
import { gateSpec } from "../../model/gate.ts";
import { runGate } from "../../steps/gates/index.ts";
import { sqlServerGateDatabase } from "../../steps/gates/sql-server-database.ts";
import { sqlServerForTests, type TestSqlServer } from "./support/sql-server.ts";

const never = () => Promise.reject(new Error("this test has no such system"));

describe("gates on SQL Server", function () {
  this.timeout(60_000);
  const database = "cutover_gates_test";
  let server: TestSqlServer;
  before(async () => {
    server = await sqlServerForTests();
    const master = await server.connect();
    await master.request().batch(`CREATE DATABASE [${database}]`);
    server.made.push(database);
    const pool = await server.connect({ database });
    await pool.request().batch("CREATE TABLE [dbo].[rpi_Cluster] ([Version] nvarchar(50) NOT NULL, [Load] int NULL)");
    await pool.request().batch("INSERT INTO [dbo].[rpi_Cluster] VALUES (N'7.6.1', 42)");
  });
  after(() => server.stop());

  const open = async () => {
    const { host, port, user, password, trustServerCertificate, certificateAuthority } = server;
    const credentials = { host, port, user, password, database, encrypt: true, trustServerCertificate };
    const authority = certificateAuthority === null ? {} : { certificateAuthority };
    return sqlServerGateDatabase(
      await connectSqlServer({ ...credentials, ...authority }, { applicationName: "gates" }),
    );
  };
  const judge = (spec: object) =>
    runGate(gateSpec.parse({ name: "g", timeoutSeconds: 1, ...spec }), {
      ...{ kubernetes: {} as Kubernetes, helm: never, openDatabase: never, prometheus: null, say: () => undefined },
      service: {
        ...{ name: "rpi", role: "rpi", tenant: null, namespace: "rpi", helmRelease: "rpi", releaseSet: "v7.6" },
        ...{ digest: "d", image: null, schemaClass: "restore" },
      },
      ...{ openOperational: open, defaultConnection: "operational", signal: new AbortController().signal },
    });

  it("see tables, columns, rows and values", async () => {
    const passed = await judge({
      ...{ kind: "sql", tables: ["dbo.rpi_Cluster"], columns: ["dbo.rpi_Cluster.Version"] },
      rowCounts: { "dbo.rpi_Cluster": 1 },
      scalar: { query: "SELECT [Version] FROM [dbo].[rpi_Cluster]", equals: "7.6.1" },
    });
    assert.equal(passed.verdict, "passed", passed.summary);
    const performance = { kind: "performance", maximum: 50 };
    const figure = await judge({
      ...performance,
      source: { kind: "sql", query: "SELECT [Load] FROM [dbo].[rpi_Cluster]" },
    });
    assert.deepEqual([figure.verdict, figure.figure], ["passed", 42]);
  });

  it("name what is missing, and what has another value", async () => {
    const missing = await judge({ kind: "sql", tables: ["dbo.gone"], columns: ["dbo.rpi_Cluster.Gone"] });
    assert.deepEqual(
      [missing.verdict, missing.summary],
      ["failed", "missing in the database: relation dbo.gone, column dbo.rpi_Cluster.Gone"],
    );
    const scalar = { query: "SELECT [Version] FROM [dbo].[rpi_Cluster]", equals: "7.7.1" };
    assert.match((await judge({ kind: "sql", scalar })).summary, /gives 7\.6\.1, wanted 7\.7\.1/);
    const few = await judge({ kind: "sql", rowCounts: { "dbo.rpi_Cluster": 2 } });
    assert.match(few.summary, /has 1 rows, at least 2 wanted/);
  });

  it("change nothing: a statement that is no question is refused", async () => {
    const result = await judge({ kind: "sql", scalar: { query: "DELETE FROM [dbo].[rpi_Cluster]", equals: "" } });
    assert.deepEqual([result.verdict, result.summary.slice(0, 8)], ["errored", "CUT-5762"]);
    assert.equal((await judge({ kind: "sql", rowCounts: { "dbo.rpi_Cluster": 1 } })).verdict, "passed");
  });
});
