import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import mssql from "mssql";
import { sqlServerForTests, standInTest, type TestSqlServer } from "./support/sql-server.ts";

/** What the package throws for errors of the server: the last, and those before it. */
interface ServerError extends Error {
  code: string;
  number: number;
  precedingErrors?: ServerError[];
}

/** Numbers of all errors of a statement, in the order in which the server sent them. */
async function numbersOf(running: Promise<unknown>): Promise<number[]> {
  const error = await running.then(
    () => assert.fail("the statement should have failed"),
    (cause: ServerError) => cause,
  );
  return [...(error.precedingErrors ?? []), error].map(({ number }) => number);
}

describe("the SQL Server of the tests", function () {
  this.timeout(60_000);
  let server: TestSqlServer;
  let pool: mssql.ConnectionPool;
  const database = `cutover_types_${process.pid}`;

  before(async () => {
    server = await sqlServerForTests({
      logins: [{ user: "reader", password: "Reader-1!", databases: { [database]: ["db_datareader"] } }],
    });
    pool = await server.connect();
    await pool.request().batch(`CREATE DATABASE [${database}]`);
    server.made.push(database);
  });
  after(() => server.stop());

  describe("connections", () => {
    it("refuses a wrong password and says nothing else", async () => {
      await assert.rejects(server.connect({ password: "wrong" }), {
        code: "ELOGIN",
        message: /^Login failed for user/,
      });
    });

    it("refuses a database that does not exist", async () => {
      await assert.rejects(server.connect({ database: "no_such_database" }), { code: "ELOGIN" });
    });

    standInTest("a server that requires encryption", "refuses a client that does not encrypt", async () => {
      const unencrypted = { configuration: { options: { encrypt: false } } };
      await assert.rejects(server.connect(unencrypted), { code: "EENCRYPT" });
    });

    standInTest("a certificate authority of its own", "is refused by a client without its CA file", async () => {
      const withoutAuthority = { configuration: { options: { cryptoCredentialsDetails: {} } } };
      await assert.rejects(server.connect(withoutAuthority), /self-signed certificate|unable to verify|unable to get/);
    });

    for (const [kind, message] of [
      ["unknownAuthority", /unable to verify|unable to get|self-signed/],
      ["wrongName", /does not match|altnames/],
      ["expired", /expired/],
    ] as const) {
      standInTest(`the fault certificate ${kind}`, `a certificate that is bad (${kind}) is refused`, async () => {
        await server.standIn?.faults.set([{ fault: "certificate", kind }]);
        try {
          await assert.rejects(server.connect(), message);
        } finally {
          await server.standIn?.faults.clear();
        }
      });
    }

    standInTest("TLS from the first byte (TDS 8.0)", "accepts a strict client", async () => {
      const options = { encrypt: "strict", serverName: "localhost" } as unknown as mssql.IOptions;
      const strict = await server.connect({ configuration: { options } });
      assert.deepEqual((await strict.query("SELECT 1 AS one")).recordset, [{ one: 1 }]);
    });

    standInTest("the fault loginRefused", "a login can be refused for a while", async () => {
      await server.standIn?.faults.set([{ fault: "loginRefused", user: server.user }]);
      await assert.rejects(server.connect(), { code: "ELOGIN" });
      await server.standIn?.faults.clear();
      await (await server.connect()).close();
    });

    standInTest("the fault down", "a server that is down comes back with its databases", async () => {
      const before = await server.connect();
      await server.standIn?.faults.set([{ fault: "down", milliseconds: 60_000 }]);
      await assert.rejects(server.connect(), { code: "ESOCKET" });
      await assert.rejects(before.query("SELECT 1"));
      await server.standIn?.faults.clear();
      pool = await server.connect();
      const { recordset } = await pool.query(`SELECT DB_NAME(DB_ID(N'${database}')) AS name`);
      assert.deepEqual(recordset, [{ name: database }]);
    });

    standInTest("being a stand-in", "says in @@VERSION that it is one", async () => {
      const { recordset } = await pool.query<{ version: string }>("SELECT @@VERSION AS version");
      assert.match(recordset[0]?.version ?? "", /^STAND-IN for Microsoft SQL Server 20\d\d/);
    });
  });

  describe("values", () => {
    const moment = new Date("2026-03-04T05:06:07.891Z");
    const types: [string, mssql.ISqlType | (() => mssql.ISqlType), unknown, unknown?][] = [
      ["nvarchar", mssql.NVarChar(50), "Grüße, 'Welt' [_] €"],
      ["nvarchar(max)", mssql.NVarChar(mssql.MAX), "x".repeat(20_000)],
      ["varchar", mssql.VarChar(50), "plain"],
      ["int", mssql.Int, -2147483648],
      ["smallint", mssql.SmallInt, -32768],
      ["tinyint", mssql.TinyInt, 255],
      ["bigint", mssql.BigInt, "9007199254740993"],
      ["bit", mssql.Bit, true],
      ["float", mssql.Float, 1.5e-7],
      ["real", mssql.Real, 0.5],
      ["decimal", mssql.Decimal(18, 4), 1234.5678],
      ["datetime2", mssql.DateTime2(7), moment],
      ["datetime", mssql.DateTime, new Date("2026-03-04T05:06:07.890Z")],
      ["date", mssql.Date, new Date("2026-03-04T00:00:00.000Z")],
      ["uniqueidentifier", mssql.UniqueIdentifier, "6F9619FF-8B86-D011-B42D-00C04FC964FF"],
      ["varbinary", mssql.VarBinary(50), Buffer.from([0, 1, 254, 255])],
      ["varbinary(max)", mssql.VarBinary(mssql.MAX), Buffer.alloc(12_000, 7)],
    ];
    for (const [name, type, value] of types) {
      it(`a parameter of ${name} comes back as it was, also NULL`, async () => {
        const request = pool.request().input("value", type, value).input("nothing", type, null);
        const { recordset } = await request.query<{ value: unknown; nothing: unknown }>(
          "SELECT @value AS value, @nothing AS nothing",
        );
        assert.deepEqual(recordset[0], { value, nothing: null });
      });
    }

    it("a table keeps every type, and NULLs", async () => {
      const inside = await server.connect({ database });
      await inside
        .request()
        .batch(
          "CREATE TABLE dbo.kept (id int NOT NULL PRIMARY KEY, text nvarchar(100) NULL, big bigint NULL, moment datetime2 NULL, id2 uniqueidentifier NULL, bytes varbinary(max) NULL, yes bit NULL, ratio float NULL)",
        );
      const insert = inside.request().input("text", "a'b").input("moment", mssql.DateTime2, moment);
      await insert.query(
        "INSERT INTO dbo.kept (id, text, big, moment, id2, bytes, yes, ratio) VALUES (1, @text, 9007199254740993, @moment, '6f9619ff-8b86-d011-b42d-00c04fc964ff', 0x00ff, 1, 0.25), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
      );
      const { recordset } = await inside.query("SELECT * FROM dbo.kept ORDER BY id");
      const id2 = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
      assert.deepEqual(recordset, [
        {
          id: 1,
          text: "a'b",
          big: "9007199254740993",
          moment,
          id2,
          bytes: Buffer.from([0, 255]),
          yes: true,
          ratio: 0.25,
        },
        { id: 2, text: null, big: null, moment: null, id2: null, bytes: null, yes: null, ratio: null },
      ]);
      await inside.close();
    });
  });

  describe("statements", () => {
    before(async () => {
      const inside = await server.connect({ database });
      await inside
        .request()
        .batch(
          "CREATE TABLE dbo.names (name nvarchar(50) NOT NULL, kind int NULL); INSERT INTO dbo.names VALUES (N'Interaction_Acme', 1), (N'InteractionAudit_Acme', 2), (N'Interactions', 3), (N'Pulse', NULL)",
        );
      await inside.close();
    });
    const names = `[${database}].[dbo].[names]`;

    it("several recordsets and counts of one batch arrive in their order", async () => {
      const { recordsets, rowsAffected } = await pool
        .request()
        .batch(`SELECT 1 AS a; UPDATE ${names} SET kind = kind + 0 WHERE kind > 1; SELECT N'x' AS b, NULL AS c`);
      assert.deepEqual(recordsets, [[{ a: 1 }], [{ b: "x", c: null }]]);
      assert.deepEqual(rowsAffected, [1, 2, 1]);
    });

    it("LIKE takes _ for any character and [_] for itself, without case", async () => {
      const like = async (pattern: string): Promise<string[]> => {
        const request = pool.request().input("pattern", pattern);
        const { recordset } = await request.query<{ name: string }>(
          `SELECT n.name FROM ${names} n WHERE n.name LIKE @pattern ORDER BY n.name`,
        );
        return recordset.map(({ name }) => name);
      };
      assert.deepEqual(await like("interaction[_]%"), ["Interaction_Acme"]);
      assert.deepEqual(
        await like("Interaction_%"),
        ["Interaction_Acme", "InteractionAudit_Acme", "Interactions"].sort(byName),
      );
      assert.deepEqual(await like("[^I]%"), ["Pulse"]);
    });

    it("WHERE, IN, IS NULL, TOP, COUNT and GROUP BY do what they say", async () => {
      const { recordsets } = await pool.query(
        `SELECT COUNT(*) AS n, MAX(kind) AS most FROM ${names} WHERE kind IN (1, 3) OR kind IS NULL;
         SELECT TOP (2) name FROM ${names} WHERE NOT (name = N'pulse') ORDER BY kind DESC;
         SELECT kind % 2 AS odd, COUNT_BIG(*) AS n FROM ${names} WHERE kind <> 0 GROUP BY kind % 2 ORDER BY odd`,
      );
      assert.deepEqual(recordsets as unknown, [
        [{ n: 3, most: 3 }],
        [{ name: "Interactions" }, { name: "InteractionAudit_Acme" }],
        [
          { odd: 0, n: "1" },
          { odd: 1, n: "2" },
        ],
      ]);
    });

    it("a transaction that fails with XACT_ABORT leaves nothing behind", async () => {
      const inside = await server.connect({ database });
      const failing = `SET XACT_ABORT ON; BEGIN TRANSACTION; SELECT * INTO dbo.copied FROM dbo.names; INSERT INTO dbo.names VALUES (NULL, 1); COMMIT TRANSACTION`;
      assert.deepEqual(await numbersOf(inside.request().batch(failing)), [515]);
      const { recordset } = await inside.query(
        "SELECT OBJECT_ID(N'[dbo].[copied]', N'U') AS id, @@TRANCOUNT AS transactions",
      );
      assert.deepEqual(recordset, [{ id: null, transactions: 0 }]);
      await inside.close();
    });

    it("SELECT INTO and an extended property in one transaction are both kept", async () => {
      const inside = await server.connect({ database });
      await inside
        .request()
        .batch(
          "SET XACT_ABORT ON; BEGIN TRANSACTION; SELECT * INTO [dbo].[copy] FROM [dbo].[names]; EXEC sys.sp_addextendedproperty N'mark', N'run 1', N'SCHEMA', N'dbo', N'TABLE', N'copy'; COMMIT TRANSACTION",
        );
      const { recordset } = await inside.query(
        "SELECT CAST(e.value AS nvarchar(256)) AS run FROM sys.extended_properties e WHERE e.class = 1 AND e.minor_id = 0 AND e.major_id = OBJECT_ID(N'[dbo].[copy]', N'U') AND e.name = N'mark'",
      );
      assert.deepEqual(recordset, [{ run: "run 1" }]);
      await inside.close();
    });

    for (const [what, sql, numbers] of [
      ["a table that does not exist", "SELECT * FROM dbo.no_such_table", [208]],
      ["a column that does not exist", `SELECT no_such_column FROM ${names}`, [207]],
      ["a database that does not exist", "USE no_such_database", [911]],
      ["a procedure that does not exist", "EXEC dbo.no_such_procedure", [2812]],
      ["a quotation mark that is not closed", "SELECT 'x", [105]],
      ["a database that exists already", `CREATE DATABASE [${database}]`, [1801]],
    ] as const) {
      it(`${what} is an error with its number`, async () => {
        const found = await numbersOf(pool.request().batch(sql));
        // A real server adds 102 to 105.
        assert.deepEqual(found.slice(0, numbers.length), numbers);
      });
    }

    standInTest(
      "knowing few statements",
      "a statement that is not known is refused, and nothing of its batch runs",
      async () => {
        const batch = `DELETE FROM ${names}; MERGE dbo.names AS target USING dbo.other AS source ON 1 = 1`;
        await assert.rejects(pool.request().batch(batch), {
          number: 50000,
          message: /STAND-IN for SQL Server: this statement is not known here: MERGE dbo\.names/,
        });
        assert.deepEqual((await pool.query(`SELECT COUNT(*) AS n FROM ${names}`)).recordset, [{ n: 4 }]);
      },
    );

    standInTest("the fault deadlock", "a statement can be a deadlock's victim once", async () => {
      await server.standIn?.faults.set([{ fault: "deadlock", statementContains: "UPDATE" }]);
      const update = `UPDATE ${names} SET kind = 4 WHERE name = N'Pulse'`;
      assert.deepEqual(await numbersOf(pool.request().batch(update)), [1205]);
      assert.deepEqual((await pool.request().batch(update)).rowsAffected, [1]);
      await server.standIn?.faults.clear();
    });

    standInTest("a login without rights", "a reader may read and not write", async () => {
      const reader = await server.connect({ user: "reader", password: "Reader-1!", database });
      assert.equal((await reader.query("SELECT name FROM dbo.names")).recordset.length, 4);
      assert.deepEqual(await numbersOf(reader.query("DELETE FROM dbo.names")), [229]);
      assert.deepEqual(await numbersOf(reader.query("CREATE TABLE dbo.more (id int)")), [262]);
      await reader.close();
    });
  });
});

function byName(one: string, other: string): number {
  return one.toLowerCase() < other.toLowerCase() ? -1 : 1;
}
