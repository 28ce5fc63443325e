import assert from "node:assert/strict";
import fc from "fast-check";
import { connectionString, onConnectionString, type RedpointServer } from "../../../sandbox/redpoint/servers.ts";
import { readConnectionString } from "../../../sandbox/simulators/redpoint/connection-string.ts";

describe("connection strings of the simulated Redpoint", () => {
  it("reads the vendor's forms", () => {
    assert.deepEqual(
      readConnectionString(
        "Server=tcp:sql.example.com,1433;Database=Pulse;User ID=rpi;Password=a=b;Encrypt=True;TrustServerCertificate=True;Connection Timeout=30;",
      ),
      {
        provider: "sqlserver",
        host: "sql.example.com",
        port: 1433,
        database: "Pulse",
        user: "rpi",
        password: "a=b",
        encrypt: true,
        trustServerCertificate: true,
      },
    );
    const onMachine = readConnectionString("Server=vm,5000;Database=P;uid=u;pwd=p;ConnectRetryCount=12;");
    assert.deepEqual([onMachine.port, onMachine.user, onMachine.encrypt], [5000, "u", false]);
    const postgres = readConnectionString("PostgreSQL:Server=pg;Database=Pulse;User Id=u;Password=p;");
    assert.deepEqual([postgres.provider, postgres.host, postgres.port], ["postgresql", "pg", 5432]);
  });

  it("a password in quotes may hold anything", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.constantFrom('"', "'"), (password, quote) => {
        const quoted = quote + password.replaceAll(quote, quote + quote) + quote;
        const read = readConnectionString(`Server=a;Password=${quoted};Database=b;User ID=c`);
        assert.deepEqual([read.password, read.database, read.user], [password, "b", "c"]);
      }),
    );
  });

  it("says what is missing, without the text", () => {
    assert.throws(
      () => readConnectionString("Server=a;Database=b;Password=secret"),
      (error: unknown) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, /no user/);
        assert.ok(!error.message.includes("secret"));
        return true;
      },
    );
    assert.throws(() => readConnectionString(""), /no host/);
  });

  it("what the sandbox writes into Pulse and Secrets can be read again", () => {
    for (const provider of ["sqlserver", "postgresql"] as const) {
      const server: RedpointServer = { provider, host: "127.0.0.1", port: 4321, user: "u", password: "p" };
      const text = connectionString(server, "Interaction_acme");
      assert.equal(readConnectionString(text).database, "Interaction_acme");
      assert.deepEqual(onConnectionString(text), server);
    }
  });
});
