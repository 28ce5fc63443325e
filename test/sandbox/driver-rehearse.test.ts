import assert from "node:assert/strict";
import { summarize } from "../../model/ledger-summary.ts";
import { cutover } from "./support/driver.ts";
import { installedScenario } from "./support/runs.ts";
import { pages, record } from "./support/world.ts";

describe("cutover rehearse", function () {
  this.timeout(300_000);

  it("upgrades, goes all the way back, upgrades again, and leaves a receipt; also after a refused attempt", async () => {
    const scenario = await installedScenario({ release: "r2026-08" });
    const { stack } = scenario;
    await record(scenario, { kind: "hold", reason: "the test wants an attempt that is refused" });
    const refused = await cutover(scenario, "upgrade", stack, "--release", "r2026-11");
    assert.equal(refused.exitCode, 15, refused.text);
    await cutover(scenario, "unhold", stack, "--reason", "rehearsal");
    const rehearsed = await cutover(scenario, "rehearse", stack, "--release", "r2026-11", "--json");
    assert.equal(rehearsed.exitCode, 0, rehearsed.text);
    assert.deepEqual((rehearsed.document as { done: string[] }).done, ["upgrade", "rollback", "second upgrade"]);
    const all = await pages(scenario);
    const receipt = all.flatMap((page) => page.entries).findLast((entry) => entry.kind === "rehearsal");
    assert.equal(receipt?.kind === "rehearsal" ? receipt.verdict : "none", "passed");
    const { hold, verified } = summarize(all);
    assert.equal(hold, null);
    assert.deepEqual(new Set([...verified.values()].map((one) => one.releaseSet)), new Set(["r2026-11"]));
    const again = await cutover(scenario, "rehearse", stack, "--release", "r2026-11");
    assert.match(again.text, /CUT-6481/);
  });
});
