import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beginAttempt, recordReceipt } from "../../clients/ledger-run.ts";
import { receiptOf } from "../../steps/outcome.ts";
import type { Outcome } from "../../steps/context.ts";
import * as inventory from "../../steps/inventory.ts";
import * as migrate from "../../steps/migrate.ts";
import { openWorkbench, type Workbench } from "./support/step-context.ts";

// The catalog work of `inventory` and `migrate` on a real PostgreSQL; the migration is played by SQL here.

const shape = `
create table schema_info (version text not null);
insert into schema_info values ('8.5.114');
create table chat_fact (id bigint primary key, started timestamptz not null, "Media Type" text);
create table call_fact (id bigint not null, day date not null) partition by range (day);
create table call_fact_2026_09 partition of call_fact for values from ('2026-09-01') to ('2026-10-01');
create table call_fact_2026_10 partition of call_fact for values from ('2026-10-01') to ('2026-11-01');
create table person_dim (id bigint primary key, name text);
create index chat_fact_started on chat_fact (started);
create index cust_call_day on call_fact (day);
create index "cust Media" on chat_fact ("Media Type") where "Media Type" is not null;
create function cust_label(p bigint) returns text language sql as $$ select 'p' || p $$;
create view cust_persons as select id, cust_label(id) as label from person_dim;
create view cust_top as select * from cust_persons where id < 10;
create function cust_touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger cust_touch before update on person_dim for each row execute function cust_touch();
`;

describe("custom objects of a real database", function () {
  this.timeout(120_000);
  let bench: Workbench;
  let reader: string;
  let runs = 0;

  beforeEach(async () => {
    bench = await openWorkbench();
    reader = `reader_${bench.stack.slice(-8)}`;
    await bench.database.query(shape);
    runs = 0;
  });
  afterEach(() => bench.close());

  const asAdmin = async (sql: string): Promise<void> => {
    const { connectPostgres } = await import("../../clients/postgres.ts");
    const { host, port, superuser, password } = bench.sandbox.database;
    const admin = await connectPostgres(
      { host, port, user: superuser, password, database: bench.credentials.database },
      { applicationName: "cutover-test" },
    );
    await admin.query(sql).finally(() => admin.close());
  };

  async function takeInventory(attempt: string): Promise<Outcome> {
    if (runs === 0) await beginAttempt(bench.ledger, bench.request("preflight", attempt), []);
    runs += 1;
    const request = bench.request("inventory", attempt, { service: bench.identity, database: bench.reference });
    const outcome = await inventory.run(bench.context(request));
    await recordReceipt(bench.ledger, request, receiptOf(request, outcome, new Date().toISOString(), 1));
    return outcome;
  }

  const follow = (rules: { kind: string; name: string }[], acknowledged: string[] = []): Promise<Outcome> => {
    const spec = {
      service: bench.identity,
      database: bench.reference,
      schemaVersion: { from: "8.5.114", to: "8.5.115" },
      migrate: { schemaVersionQuery: "select version from schema_info", timeoutSeconds: 60, maxRestarts: 0 },
      customObjects: rules,
      acknowledged,
    };
    return migrate.run(bench.context(bench.request("migrate", "1.1", spec)));
  };
  const migrated = "update schema_info set version = '8.5.115'";

  it("are noted once for a migration: a second try keeps the first inventory", async () => {
    const first = await takeInventory("1.1");
    assert.equal(first.verdict, "passed");
    const counts = first.facts?.["counts"] as Record<string, number>;
    assert.deepEqual(
      [counts["index"], counts["view"], counts["function"], counts["trigger"], counts["partition"]],
      [3, 2, 2, 1, 2],
    );
    await bench.database.query("drop view cust_top");
    const second = await takeInventory("1.1");
    assert.equal(second.reused, true);
    assert.equal(second.facts?.["sha256"], first.facts?.["sha256"]);
  });

  it("pass when nothing was lost: partition churn, new objects and a table that became a view are no loss", async () => {
    await takeInventory("1.1");
    await bench.database.query(`
      drop table call_fact_2026_09;
      create table call_fact_2026_11 partition of call_fact for values from ('2026-11-01') to ('2026-12-01');
      alter table chat_fact rename to chat_fact_;
      create view chat_fact as select id, started, "Media Type" from chat_fact_;
      create index shipped_new on person_dim (name); ${migrated}`);
    const outcome = await follow([]);
    assert.equal(outcome.verdict, "passed", JSON.stringify(outcome));
    assert.deepEqual([outcome.facts?.["partitionsGone"], outcome.facts?.["partitionsNew"]], [1, 1]);
    assert.match(JSON.stringify(outcome.evidence), /tables that became views: public.chat_fact/);
  });

  it("are made again in their order when rules name them: function, views, partitioned index, trigger, grant", async () => {
    await asAdmin(
      `create role ${reader}; grant select on chat_fact to ${reader}; grant select ("id") on person_dim to ${reader}`,
    );
    await takeInventory("1.1");
    await bench.database.query(`
      drop trigger cust_touch on person_dim; drop function cust_touch();
      drop view cust_top; drop view cust_persons; drop function cust_label(bigint);
      drop index cust_call_day; drop index "cust Media";
      revoke select ("id") on person_dim from ${reader};
      alter table chat_fact rename to chat_fact_; create view chat_fact as select * from chat_fact_; ${migrated}`);
    const outcome = await follow([
      { kind: "index", name: 'public\\."?cust.*' },
      { kind: "view", name: "public\\.cust_.*" },
      { kind: "function", name: "public\\.cust_.*" },
      { kind: "trigger", name: ".*\\.cust_touch" },
      { kind: "grant", name: "public\\..*" },
    ]);
    assert.equal(outcome.verdict, "passed", JSON.stringify(outcome, null, 1));
    const rows = await bench.database.query<{ ok: boolean }>(`
      select bool_and(indisvalid) as ok from pg_index where indexrelid = 'cust_call_day'::regclass
      union all select count(*) = 2 from pg_inherits where inhparent = 'cust_call_day'::regclass
      union all select to_regclass('cust_top') is not null
      union all select has_table_privilege('${reader}', 'chat_fact', 'select')
      union all select has_column_privilege('${reader}', 'person_dim', 'id', 'select')`);
    assert.deepEqual(
      rows.map((row) => row.ok),
      [true, true, true, true, true],
    );
    assert.match(JSON.stringify(outcome.evidence), /not on the view or table any more: index public.\\"cust Media\\"/);
    await asAdmin(`drop owned by ${reader}; drop role ${reader}`);
  });

  it("are listed and inconclusive without a rule, and pass once a person acknowledged each", async () => {
    await takeInventory("1.1");
    await bench.database.query(`drop view cust_top; drop index chat_fact_started; ${migrated}`);
    const outcome = await follow([{ kind: "view", name: "public\\.other" }]);
    assert.equal(outcome.verdict, "inconclusive");
    assert.match(outcome.evidence?.join("\n") ?? "", /LOST view public.cust_top\nLOST index public.chat_fact_started/);
    const ids = outcome.facts?.["lost"] as string[];
    assert.deepEqual(ids, ["lost:view:public.cust_top", "lost:index:public.chat_fact_started"]);
    assert.equal((await follow([], ids.slice(1))).verdict, "inconclusive", "only one of two was acknowledged");
    assert.equal((await follow([], ids)).verdict, "passed");
  });

  it("an index that became invalid is built again by rule, else it is a reason to stop", async () => {
    await takeInventory("1.1");
    await bench.database.query(migrated);
    await asAdmin("update pg_index set indisvalid = false where indexrelid = 'chat_fact_started'::regclass");
    const outcome = await follow([]);
    assert.equal(outcome.verdict, "inconclusive");
    assert.match(outcome.evidence?.[0] ?? "", /INVALID index public.chat_fact_started/);
    const repaired = await follow([{ kind: "index", name: "public\\.chat_fact_started" }]);
    assert.equal(repaired.verdict, "passed", JSON.stringify(repaired));
  });

  it("what a rule names but cannot be made again is named with the server's reason", async () => {
    await takeInventory("1.1");
    await bench.database.query(`drop view cust_top; alter table person_dim rename column id to key;
      create or replace view cust_persons as select key as id, cust_label(key) as label from person_dim;
      drop function cust_label(bigint) cascade; ${migrated}`);
    const outcome = await follow([{ kind: "view", name: "public\\.cust_.*" }]);
    assert.equal(outcome.verdict, "inconclusive");
    assert.match(
      outcome.evidence?.join("\n") ?? "",
      /LOST view public.cust_persons: function public.cust_label\(bigint\) does not exist|LOST view public.cust_persons: column/,
    );
  });

  it("an inventory that was changed on disk is not trusted: its statements would be run", async () => {
    const { facts } = await takeInventory("1.1");
    const file = facts?.["file"] as string;
    assert.ok(readdirSync(join(bench.root, file, "..")).length === 1);
    writeFileSync(join(bench.root, file), "anything");
    await bench.database.query(migrated);
    await assert.rejects(follow([]), /CUT-5100 .* changed/);
  });
});
