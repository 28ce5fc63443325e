import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { missingServices } from "../../../automation/missing-services.ts";
import { loadStackSettings } from "../../../stacks/config.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("services that a release set before does not have", () => {
  it("are all of Redpoint v7 at v6, also where a run towards v7.6 failed in between", async () => {
    const without = await missingServices(root, loadStackSettings(root, "redpoint-dev"));
    const found = [without(null, "v7.6"), without("v6", "v7.6"), without("v7.6", "v7.7")];
    for (const one of found) {
      assert.equal(one?.releaseSet, "v6");
      assert.deepEqual([...one.services], ["rpi", "rpi-realtime-acme"]);
    }
    assert.equal(without(null, "v6"), null);
  });

  it("are none of Info Mart", async () => {
    const without = await missingServices(root, loadStackSettings(root, "infomart-dev"));
    assert.equal(without("r2026-05", "r2026-08"), null);
    assert.equal(without(null, "r2026-11"), null);
  });
});
