import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectSqlServer } from "../../clients/sqlserver/connect.ts";
import type { SqlMessage, SqlServer, SqlServerCredentials } from "../../clients/sqlserver/contracts.ts";
import { SqlServerError } from "../../clients/sqlserver/sql-error.ts";
import { backUpDatabase, requestsOf, send } from "../../clients/sqlserver/statements.ts";
import { CutoverError, describeError } from "../../model/error.ts";
import type { DatabaseServer } from "../../model/operational-databases.ts";
import type { StepRequest } from "../../model/step.ts";
import type { SqlServerFault } from "../../sandbox/sqlserver/contracts.ts";
import { openSqlServer } from "../../steps/operational/open-sql-server.ts";
import { serverPath, sqlServerForTests, standInTest, type TestSqlServer } from "./support/sql-server.ts";

describe("SQL Server client", () => {
  const database = "cutover_client_test";
  let folder = "";
  let server: TestSqlServer;
  const opened: SqlServer[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "cutover-client-"));
    server = await sqlServerForTests();
    await (await connect()).batch(`CREATE DATABASE [${database}]`);
    server.made.push(database);
  });
  afterEach(async () => {
    await server.standIn?.faults.clear();
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const fault = (...faults: SqlServerFault[]): Promise<void> | undefined => server.standIn?.faults.set(faults);

  function credentials(changes: Partial<SqlServerCredentials> = {}): SqlServerCredentials {
    const { host, port, user, password, trustServerCertificate, certificateAuthority } = server;
    return {
      ...{ host, port, user, password, database: "master", encrypt: true, trustServerCertificate },
      ...(certificateAuthority === null ? {} : { certificateAuthority }),
      ...changes,
    };
  }

  /** A name that no earlier run of the tests has used on a server of one's own. */
  function backup(name: string) {
    const unique = `${name}-${Date.now()}`;
    const device = { kind: "disk", path: serverPath(server.backupFolder, `${unique}.bak`) } as const;
    return backUpDatabase({ database, device, name: unique, description: "d", compression: false });
  }

  async function connect(
    changes: Partial<SqlServerCredentials> = {},
    applicationName = "cutover test",
  ): Promise<SqlServer> {
    const found = await connectSqlServer(credentials(changes), { applicationName, connectTimeoutMilliseconds: 5000 });
    opened.push(found);
    return found;
  }

  async function refusal(attempt: Promise<unknown>): Promise<CutoverError> {
    const error: unknown = await attempt.then(
      () => new Error("it was not refused"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof CutoverError, String(error));
    const shown = describeError(error).join("\n");
    assert.ok(!shown.includes(server.password), "the password is shown");
    return error;
  }

  standInTest("an own authority", "refuses a server whose certificate no known authority signed", async () => {
    const { certificateAuthority: _none, ...systems } = credentials();
    const { details } = await refusal(connectSqlServer(systems, { applicationName: "test" }));
    assert.equal(details.code, "CUT-4254");
    assert.match(details.next ?? "", /certificateAuthority/);
    await fault({ fault: "certificate", kind: "unknownAuthority" });
    assert.equal((await refusal(connect())).details.code, "CUT-4254");
  });

  for (const kind of ["wrongName", "expired"] as const) {
    const what = kind === "expired" ? "expired" : "of another name";
    standInTest("a fault", `refuses a certificate that is ${what}`, async () => {
      await fault({ fault: "certificate", kind });
      for (const host of [server.host, "127.0.0.1"]) {
        const { details } = await refusal(connect({ host }));
        assert.equal(details.code, "CUT-4254");
        assert.match(
          details.evidence?.join() ?? "",
          kind === "expired" ? /expired/ : /altnames|does not match|not in the cert/i,
        );
      }
    });
  }

  standInTest(
    "an address",
    "checks the certificate of a server reached by its address, without Node's warning",
    async () => {
      const byAddress = credentials({ host: "127.0.0.1" });
      // A process of its own: Node warns once.
      const script = `
      const { connectSqlServer } = await import(${JSON.stringify(new URL("../../clients/sqlserver/connect.ts", import.meta.url).href)});
      const found = await connectSqlServer(JSON.parse(process.env.CREDENTIALS), { applicationName: "test" });
      await found.close();
      process.stdout.write("connected");`;
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script],
        { env: { ...process.env, NODE_OPTIONS: "", CREDENTIALS: JSON.stringify(byAddress) } },
      );
      assert.deepEqual({ stdout, stderr }, { stdout: "connected", stderr: "" });
    },
  );

  standInTest("a fault", "sends no login to a server that does not encrypt", async () => {
    await fault({ fault: "noEncryption" });
    const { details } = await refusal(connect());
    assert.equal(details.code, "CUT-4254");
    assert.match(details.happened, /does not encrypt/);
  });

  it("tells a refused login from a missing database", async () => {
    const wrong = await refusal(connect({ password: "wrong-password-7" }));
    assert.equal(wrong.details.code, "CUT-4252");
    assert.match(wrong.details.evidence?.join() ?? "", /Msg 18456/);
    assert.ok(!describeError(wrong).join().includes("wrong-password-7"));
    const missing = await refusal(connect({ database: "cutover_gone" }));
    assert.equal(missing.details.code, "CUT-4253");
    assert.match(missing.details.evidence?.join() ?? "", /Msg 4060/);
  });

  standInTest("a fault", "says that a server is away", async () => {
    await fault({ fault: "down", milliseconds: 1500 });
    assert.equal((await refusal(connect())).details.code, "CUT-4251");
  });

  it("accepts any certificate only where the settings say so, never in prod, whatever the connection string says", async () => {
    const { host, port, user, password, certificateAuthority } = server;
    const text = `Server=tcp:${host},${port};Database=${database};User ID=${user};Password=${password};TrustServerCertificate=True`;
    const open = async (environment: string, changes: Partial<DatabaseServer>, more = "") => {
      const request = { environment, stack: "s", platform: "redpoint", service: null, step: "backup" } as StepRequest;
      const context = { root: folder, request, connectionString: () => Promise.resolve(text + more) };
      const connection = { namespace: "n", secret: "s", key: "k" };
      const found = await openSqlServer(context, { server: { connection, trustServerCertificate: false, ...changes } });
      opened.push(found);
      return found.query<{ name: string }>("SELECT DB_NAME() AS name");
    };
    if (certificateAuthority !== null) {
      assert.equal((await refusal(open("dev", {}))).details.code, "CUT-4254");
      await writeFile(join(folder, "ca.pem"), certificateAuthority);
      assert.deepEqual(await open("prod", { certificateAuthority: "ca.pem" }), [{ name: database }]);
    }
    assert.deepEqual(await open("dev", { trustServerCertificate: true }), [{ name: database }]);
    assert.equal((await refusal(open("prod", { trustServerCertificate: true }))).details.code, "CUT-4257");
    assert.equal((await refusal(open("prod", {}, ";Encrypt=False"))).details.code, "CUT-4257");
    assert.equal((await refusal(open("dev", { certificateAuthority: "none.pem" }))).details.code, "CUT-4260");
  });

  it("hands values over as parameters, whatever they hold", async () => {
    const values = { a: "o'neil]; DROP DATABASE [Pulse] -- ß 😀", b: 9_007_199_254_740_991n, c: true, d: null };
    const [row] = await (await connect()).query("SELECT @a AS a, @b AS b, @c AS c, @d AS d", values);
    assert.deepEqual(row, { a: values.a, b: "9007199254740991", c: true, d: null });
  });

  it("reports every error of a statement in its order, the cause before the summary", async () => {
    const device = { kind: "disk", path: serverPath(server.backupFolder, "no-such-folder/x.bak") } as const;
    const statement = backUpDatabase({ database, device, name: "n", description: "d", compression: false });
    const error = await refusal(send(await connect(), statement));
    assert.ok(error instanceof SqlServerError);
    assert.equal(error.failure, "refused");
    assert.deepEqual(
      error.messages.map(({ number }) => number),
      [3201, 3013],
    );
    assert.match(error.messages[0]?.text ?? "", /Operating system error \d+\(/);
  });

  it("passes the server's messages on", async () => {
    const messages: SqlMessage[] = [];
    await send(await connect(), backup("messages"), { timeoutMilliseconds: 0, onMessage: (one) => messages.push(one) });
    assert.ok(messages.some(({ number, text }) => number === 3211 && /percent processed/.test(text)));
    assert.ok(messages.some(({ number }) => number === 3014));
  });

  standInTest("a slow BACKUP", "has no time limit unless one is given", async () => {
    const connection = await connect();
    // The package's limit is on the first answer; the first percentages come after a twentieth of the time.
    await fault({ fault: "slow", milliseconds: 20_000 });
    const error = await refusal(send(connection, backup("limited"), { timeoutMilliseconds: 300 }));
    assert.ok(error instanceof SqlServerError && error.failure === "timeout", error.message);
    await fault({ fault: "slow", milliseconds: 800 });
    await send(connection, backup("unlimited"), { timeoutMilliseconds: 0 });
  });

  standInTest("a slow BACKUP", "stops a statement on the server when it is told to", async () => {
    await fault({ fault: "slow", milliseconds: 20_000 });
    const [worker, watcher] = [await connect({}, "cutover stopped"), await connect()];
    const stop = new AbortController();
    const ended = send(worker, backup("stopped"), { timeoutMilliseconds: 0, signal: stop.signal }).catch(
      (error: unknown) => error,
    );
    while ((await send(watcher, requestsOf("cutover stopped"))).length === 0);
    const reason = new Error("asked to stop");
    stop.abort(reason);
    assert.equal(await ended, reason);
    while ((await send(watcher, requestsOf("cutover stopped"))).length > 0);
    assert.deepEqual(await worker.query("SELECT 1 AS one"), [{ one: 1 }], "the connection is still good");
  });

  standInTest("a fault", "says that a connection was lost, and works again with the next statement", async () => {
    await fault({ fault: "connectionLost", atPercent: 50, then: "stop" });
    const connection = await connect();
    const error = await refusal(send(connection, backup("lost"), { timeoutMilliseconds: 0 }));
    assert.ok(error instanceof SqlServerError && error.failure === "lost", error.message);
    assert.deepEqual(await connection.query("SELECT 1 AS one"), [{ one: 1 }]);
  });
});
