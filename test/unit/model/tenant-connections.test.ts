import assert from "node:assert/strict";
import fc from "fast-check";
import { moveConnectionText, readConnectionText } from "../../../model/operational/connection-text.ts";
import { isSameServer, type ServerIdentity } from "../../../model/operational/server-identity.ts";
import {
  describeConnection,
  judgeConnections,
  rewritesOf,
  type CloneFacts,
} from "../../../model/operational/tenant-connections.ts";

const server = (
  address: string,
  name: string,
  startedAt: string | null,
  provider: "sqlserver" | "postgresql" = "sqlserver",
): ServerIdentity => ({
  provider,
  address,
  names: [name],
  startedAt,
});
const prod = server("sql-prod.corp.example:1433", "SQLPROD", "2026-01-01T00:00:00.123Z");
const staging = server("sql-staging.corp.example:1433", "SQLSTAGING", "2026-02-02T00:00:00.456Z");
const names = ["Interaction_acme", "InteractionAudit_acme"];
const apart: CloneFacts = {
  source: prod,
  target: staging,
  place: { host: "sql-staging.corp.example", port: 1433 },
  clones: new Map(names.map((name) => [name, name])),
};
const together: CloneFacts = {
  ...apart,
  target: prod,
  place: { host: "sql-prod.corp.example", port: 1433 },
  clones: new Map(names.map((name) => [name, `v7_${name}`])),
};
const text = (host: string, database: string) =>
  `Server=tcp:${host},1433;Database=${database};User ID=rpi;Password="s;ecret";Encrypt=True`;
const stateOf = (facts: CloneFacts, where: string, database: string) =>
  judgeConnections([{ tenant: "acme", server: where, database }], facts)[0]?.state;

describe("where tenants' connections lead", () => {
  it("another server: only its own names count, every form of the source's is the source", () => {
    for (const where of ["sql-staging.corp.example", "tcp:SQL-STAGING.corp.example,1433", "SQLSTAGING"]) {
      assert.equal(stateOf(apart, where, "Interaction_acme"), "clone", where);
    }
    for (const where of [
      "sql-prod.corp.example",
      "sql-prod",
      "SQLPROD",
      "tcp:sql-prod,1433",
      "localhost",
      ".",
      "(local)",
    ]) {
      assert.equal(stateOf(apart, where, "Interaction_acme"), "source", where);
    }
    assert.equal(stateOf(apart, "sql-listener", "Interaction_acme"), "elsewhere");
    assert.equal(stateOf(apart, "SQLSTAGING", "Interaction_other"), "elsewhere");
  });

  it("the same server: only a clone's own database name is right", () => {
    assert.equal(stateOf(together, "SQLPROD", "v7_Interaction_acme"), "clone");
    assert.equal(stateOf(together, "SQLPROD", "Interaction_acme"), "source");
    assert.equal(stateOf(together, "sql-prod", "anything"), "source");
    assert.equal(stateOf(together, "sql-dr", "v7_Interaction_acme"), "elsewhere");
  });

  it("two servers of one machine are told apart by their ports", () => {
    const facts: CloneFacts = {
      ...apart,
      source: server("127.0.0.1:50001", "BOX", "a"),
      target: server("127.0.0.1:50002", "BOX", "b"),
      place: { host: "127.0.0.1", port: 50002 },
    };
    assert.equal(isSameServer(facts.source, facts.target), false);
    assert.equal(stateOf(facts, "localhost,50002", "Interaction_acme"), "clone");
    assert.equal(stateOf(facts, "127.0.0.1,50001", "Interaction_acme"), "source");
    assert.equal(stateOf(facts, "127.0.0.1", "Interaction_acme"), "source");
  });

  it("whole connection strings are read and rewritten; their login is never shown", () => {
    const row = {
      tenant: "acme",
      server: text("sql-prod", "Interaction_acme"),
      database: text("sql-prod", "Interaction_acme"),
    };
    const [judged] = judgeConnections([row], apart);
    assert.deepEqual(
      [judged?.state, judged?.server, judged?.database],
      ["source", "tcp:sql-prod,1433", "Interaction_acme"],
    );
    const [rewrite] = rewritesOf([row], together.target === prod ? { ...apart, clones: together.clones } : apart);
    assert.equal(rewrite?.database, "v7_Interaction_acme");
    assert.equal(rewrite.oldDatabase, "Interaction_acme");
    assert.match(
      rewrite.connection ?? "",
      /^Server=tcp:sql-staging\.corp\.example,1433;Database=v7_Interaction_acme;User ID=rpi;Password="s;ecret"/,
    );
    assert.ok(
      !describeConnection(judged ?? { tenant: "", server: "", database: "", state: "source" }).includes("s;ecret"),
    );
  });

  it("whatever is written in a row, no password of it is ever in what is said", () => {
    const secret = "pa55-w0rd";
    const form = fc.constantFrom(
      `Server=a;Database=b;Password=${secret}`,
      `Data Source=a;Initial Catalog=b;PWD='${secret}'`,
      `PostgreSQL:Host=a;Port=5433;Database=b;Username=u;Password=${secret}`,
      `postgresql://u:${secret}@a/b`,
      `jdbc:sqlserver://a;databaseName=b;password=${secret}`,
      `Password=${secret}`,
      `Server=a;Password="${secret}`,
      `{"server":"a","password":"${secret}"}`,
    );
    fc.assert(
      fc.property(form, form, fc.boolean(), (a, b, both) => {
        const rows = [{ tenant: "t", server: a, database: both ? b : "Interaction_acme" }];
        for (const facts of [apart, together]) {
          const said = judgeConnections(rows, facts).map(describeConnection).join("\n");
          assert.ok(!said.includes(secret), said);
          assert.ok(judgeConnections(rows, facts).every(({ state }) => state !== "clone"));
        }
      }),
    );
  });

  it("after the rewrites that it asks for every connection leads to the clone", () => {
    const host = fc.constantFrom("sql-prod", "SQLPROD", "sql-prod.corp.example,1433", "tcp:sql-prod.corp.example");
    const database = fc.constantFrom(...names, "interaction_ACME");
    fc.assert(
      fc.property(host, database, fc.constantFrom(apart, together), fc.boolean(), (where, name, facts, whole) => {
        const row = whole
          ? { tenant: "acme", server: text(where.replace(/^tcp:|,1433$/g, ""), name), database: name }
          : { tenant: "acme", server: where, database: name };
        const rewrites = rewritesOf([row], facts);
        assert.equal(rewrites.length, 1);
        const after = rewrites.map((one) => ({
          tenant: one.tenant,
          server: one.connection ?? one.server,
          database: one.database,
        }));
        assert.deepEqual(
          judgeConnections(after, facts).map(({ state }) => state),
          ["clone"],
        );
        assert.deepEqual(rewritesOf(after, facts), []);
      }),
    );
  });
});

describe("is it the same server", () => {
  it("name and moment of the start together decide, whatever name it was reached by", () => {
    assert.ok(isSameServer(server("10.0.0.5:1433", "SQL1", "t1"), server("sql:1433", "sql1", "t1")));
    assert.ok(!isSameServer(server("a:1433", "SQL", "t1"), server("b:1433", "SQL", "t2")));
    assert.ok(!isSameServer(server("a:1433", "SQL1", "t1"), server("b:1433", "SQL2", "t1")));
    assert.ok(isSameServer(server("a:1433", "X", "t1"), server("A:1433", "Y", "t2")));
  });

  it("a server that does not show its start is known by its name alone; PostgreSQL's by its start alone", () => {
    assert.ok(isSameServer(server("a:1433", "SQL", null), server("b:1433", "sql", "t2")));
    const [one, other] = [
      server("a:5432", "10.0.0.5", "1.23", "postgresql"),
      server("b:5432", "127.0.0.1", "1.23", "postgresql"),
    ];
    assert.ok(isSameServer(one, other));
    assert.ok(!isSameServer(one, { ...other, startedAt: "1.24" }));
  });
});

describe("connection strings", () => {
  it("moving one changes where it leads and nothing else", () => {
    const value = fc.string({ minLength: 1, maxLength: 12 }).filter((one) => one.trim() === one);
    fc.assert(
      fc.property(value, value, fc.boolean(), (password, database, npgsql) => {
        const quote = (one: string) => `"${one.replaceAll('"', '""')}"`;
        const tail = `Password=${quote(password)};Application Name='x;y'`;
        const old = npgsql
          ? `PostgreSQL:Host=a;Port=1;Database=${quote(database)};${tail}`
          : `Server=tcp:a,1;Initial Catalog=${quote(database)};${tail}`;
        assert.equal(readConnectionText(old)?.database, database);
        const moved = moveConnectionText(old, { host: "b.example", port: 2, database: `v7_${database}` });
        const read = readConnectionText(moved);
        assert.deepEqual(
          [read?.address?.host, read?.address?.port, read?.database],
          ["b.example", 2, `v7_${database}`],
        );
        assert.ok(moved.endsWith(tail));
      }),
    );
  });
});
