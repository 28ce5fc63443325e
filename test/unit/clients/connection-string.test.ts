import assert from "node:assert/strict";
import fc from "fast-check";
import { postgresCredentials, secretsIn, sqlServerCredentials } from "../../../clients/connection-string.ts";
import { CutoverError, describeError } from "../../../model/error.ts";

const where = "Secret redpoint/rpi, key c";
const read = (text: string) => sqlServerCredentials(text, where);

describe("connection strings", () => {
  it("reads the form that Redpoint's chart writes", () => {
    const text =
      "Server=tcp:sql-1.example,1434;Database=Pulse;User ID=rpi;Password=p@ss=w;Encrypt=True;TrustServerCertificate=True;Connection Timeout=30;";
    assert.deepEqual(read(text), {
      ...{ host: "sql-1.example", port: 1434, database: "Pulse", user: "rpi", password: "p@ss=w" },
      ...{ encrypt: true, trustServerCertificate: true },
    });
  });

  it("encrypts and checks certificates when nothing is said", () => {
    const found = read("Data Source=sql;Initial Catalog=Pulse;UID=rpi;PWD=x");
    assert.deepEqual([found.encrypt, found.trustServerCertificate, found.port], [true, false, 1433]);
  });

  it("knows instances, ports and the ways to say this machine", () => {
    const rest = "Database=d;Uid=u;Pwd=p";
    assert.equal(read(`Server=sql\\RPI;${rest}`).instance, "RPI");
    assert.equal(read(`Server=sql\\MSSQLSERVER;${rest}`).instance, undefined);
    const both = read(`Server=sql\\RPI, 1500;${rest}`);
    assert.deepEqual([both.instance, both.port], [undefined, 1500]);
    assert.equal(read(`Server=(local);${rest}`).host, "localhost");
    assert.equal(read(`Server=tcp:[::1],1500;${rest}`).host, "::1");
  });

  it("knows the words for encryption", () => {
    const rest = "Server=s;Database=d;Uid=u;Pwd=p;TrustServerCertificate=yes";
    assert.equal(read(`${rest};Encrypt=Optional`).encrypt, false);
    assert.equal(read(`${rest};Encrypt=Mandatory`).encrypt, true);
    const strict = read(`${rest};Encrypt=Strict`);
    assert.deepEqual([strict.encrypt, strict.strict, strict.trustServerCertificate], [true, true, false]);
  });

  it("property: any password comes back as it was when it stands in quotes, and the last one counts", () => {
    const password = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" });
    fc.assert(
      fc.property(password, fc.constantFrom('"', "'"), (secret, quote) => {
        const quoted = quote + secret.replaceAll(quote, quote + quote) + quote;
        const text = `Server=s ; Password=other;PASSWORD = ${quoted} ;Database=d;User Id=u`;
        assert.equal(read(text).password, secret);
        assert.deepEqual(secretsIn(text), [secret]);
        assert.equal(postgresCredentials(`Host=s;Database=d;Username=u;Password=${quoted}`, where).password, secret);
      }),
    );
  });

  it("property: an error shows nothing of the password, not even of one with a semicolon in it", () => {
    const part = fc.stringMatching(/^[QXZ]{6,10}$/);
    const broken = fc.constantFrom(
      (a: string, b: string) => `Server=s;Database=d;Password=${a};${b}=${a};User=`,
      (a: string, b: string) => `Server=s;Database=d;User=u;Password="${a};${b}`,
      (a: string, b: string) => `Database=d;User=u;Password=${a};${b}='${a}`,
      (a: string, b: string) => `Server=s;User=u;Password=${a};${b}`,
      (a: string, b: string) => `Server=np:s;Database=d;User=u;Password=${a}${b}`,
      (a: string, b: string) => `Server=s;Database=d;User=u;Encrypt=${a};Password=${b}`,
    );
    fc.assert(
      fc.property(part, part, broken, (a, b, make) => {
        assert.throws(
          () => read(make(a, b)),
          (error) => {
            assert.ok(error instanceof CutoverError && error.details.code === "CUT-4258");
            const shown = describeError(error).join("\n");
            return !shown.includes(a) && !shown.includes(b) && shown.includes(where);
          },
        );
      }),
    );
  });

  it("says what is missing or cannot be used", () => {
    const problem = (text: string): string => {
      try {
        read(text);
      } catch (error) {
        if (error instanceof CutoverError) return error.details.evidence?.join() ?? "";
      }
      return "accepted";
    };
    assert.match(
      problem("Server=s;Database=d;User=u"),
      /^Password is missing; keys that are there: server, database, user/,
    );
    assert.match(problem("Server=s;Database=d;Integrated Security=SSPI"), /Windows login/);
    assert.match(problem("Server=s;Database=d;User=u;Pwd=p;Authentication=Active Directory Default"), /Authentication/);
    assert.match(problem("Server=s;Database=d;User=u;Pwd=p;Encrypt=perhaps"), /Encrypt/);
    assert.match(problem("Server=s,99999;Database=d;User=u;Pwd=p"), /port/);
    assert.match(problem("Server=(localdb)\\x;Database=d;User=u;Pwd=p"), /LocalDB/);
    assert.match(problem("nonsense"), /character 1/);
  });

  it("reads Npgsql strings, with Redpoint's prefix and its words", () => {
    assert.deepEqual(
      postgresCredentials(
        "PostgreSQL:Server=pg;Port=5433;Database=Pulse;User Id=rpi;Password=x;SSL Mode=VerifyFull",
        where,
      ),
      { host: "pg", port: 5433, database: "Pulse", user: "rpi", password: "x", sslMode: "verify-full" },
    );
    const rest = "Host=pg;Database=d;Username=u;Password=p";
    assert.equal(postgresCredentials(rest, where).sslMode, "require", "never falls back to clear text");
    assert.equal(postgresCredentials(`${rest};SslMode=Disable`, where).sslMode, "disable");
    assert.throws(() => postgresCredentials(`${rest};SSL Mode=Sometimes`, where), CutoverError);
    assert.throws(() => postgresCredentials(`${rest};Port=0`, where), CutoverError);
  });
});
