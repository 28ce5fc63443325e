import assert from "node:assert/strict";
import type { Scenario } from "./support/scenario.ts";
import { afterStep } from "./support/disturbances.ts";
import { installedScenario, up } from "./support/runs.ts";
import { edit, editFile, receipts, sql } from "./support/world.ts";

describe("custom database objects that a migration loses", function () {
  this.timeout(240_000);
  let scenario: Scenario;
  const release = "stacks/infomart/releases/r2026-11/release.yaml";

  const exists = async (name: string) =>
    (await sql<{ found: string | null }>(scenario, `select to_regclass('${name}')::text as found`))[0]?.found !== null;

  /** Objects named cust_* that a customer made, and the tables that the migration replaces (facts/domain.md D3). */
  const customObjects = async () =>
    (
      await sql<{ name: string }>(
        scenario,
        `select relkind::text || ' ' || relname as name from pg_class c join pg_namespace n on n.oid = relnamespace
         where nspname = 'public' and relname like 'cust%' and relkind in ('i','I','v','m') order by 1`,
      )
    ).map((row) => row.name);

  it("are re-created when a rule names them: index, view and grant", async () => {
    scenario = await installedScenario({ release: "r2026-08" });
    const before = await customObjects();
    assert.ok(
      before.some((name) => name.startsWith("i")) && before.some((name) => name.startsWith("v")),
      before.join(),
    );
    await edit(scenario, { release: "r2026-11" });
    const run = await up(scenario);
    assert.equal(run.exitCode, 0, run.text);
    const migrate = (await receipts(scenario)).filter((receipt) => receipt.step === "migrate").at(-1);
    assert.match(JSON.stringify(migrate), /re-created|recreated/i);
    assert.deepEqual(await customObjects(), before);
    const grants = await sql<{ n: number }>(
      scenario,
      `select count(*)::int as n from pg_class c, aclexplode(relacl) a
       where relname in ('chat_session_fact', 'campaign_group_state_fact') and a.grantee <> relowner and privilege_type = 'SELECT'`,
    );
    assert.ok((grants[0]?.n ?? 0) > 0, "the reporting role lost its access");
  });

  it("are listed and make the verdict inconclusive when no rule names them", async () => {
    scenario = await installedScenario({ release: "r2026-08" });
    await edit(scenario, { release: "r2026-11" });
    await editFile(scenario, release, (text) =>
      text.replace(/\n {4}# What a migration may lose[\s\S]*?(?=\n {4}gates:)/, ""),
    );
    const run = await up(scenario);
    assert.notEqual(run.exitCode, 0);
    assert.match(run.text, /inconclusive/);
    assert.match(run.text, /LOST/);
    const migrate = (await receipts(scenario)).filter((receipt) => receipt.step === "migrate").at(-1);
    assert.equal(migrate?.verdict, "inconclusive");
  });

  it("partition churn is no loss", async () => {
    scenario = await installedScenario({ release: "r2026-08" });
    const [oldest] = await sql<{ parent: string; child: string }>(
      scenario,
      `select h.inhparent::regclass::text as parent, h.inhrelid::regclass::text as child
       from pg_inherits h join pg_class c on c.oid = h.inhrelid
       where h.inhparent::regclass::text = 'interaction_fact' and c.relkind = 'r' order by 2 limit 1`,
    );
    assert.ok(oldest !== undefined);
    await edit(scenario, { release: "r2026-11" });
    const dropped = afterStep(scenario, "gim-t100", "inventory", async () => {
      await sql(scenario, `drop table ${oldest.child}`);
    });
    const run = await up(scenario);
    await dropped;
    assert.equal(run.exitCode, 0, run.text);
    assert.equal(await exists(oldest.child), false);
  });
});
