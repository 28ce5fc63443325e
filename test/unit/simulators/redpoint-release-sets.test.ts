import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { platform } from "../../../stacks/redpoint/platform.ts";
import { migrateTimeout, worstCaseMilliseconds } from "../../../model/worst-case.ts";
import { redpointChartFiles, redpointGenerations, redpointImageTags } from "../../../sandbox/charts/redpoint-rpi.ts";
import { gunzip, tar } from "../../../sandbox/charts/archive.ts";
import { openReleaseSets } from "../../../stacks/release-sets.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const sets = openReleaseSets(root, "redpoint");

describe("the release sets of Redpoint", () => {
  for (const generation of redpointGenerations) {
    const name = `v${generation}`;

    it(`${name} holds the stand-in chart as its sources are now, and the build's image tag`, () => {
      const { set, folder } = sets.load(name);
      for (const [role, { chart, image, schemaVersion }] of Object.entries(set.roles)) {
        assert.ok("path" in chart, role);
        const archive = readFileSync(join(root, folder, chart.path));
        assert.ok(gunzip(archive).equals(tar(redpointChartFiles(generation))), `${name}: pack the chart again`);
        assert.equal(image?.tag, redpointImageTags[generation]);
        assert.ok(schemaVersion === undefined || schemaVersion.to === image.tag, role);
      }
    });

    it(`${name} saves everything before anything is released, and going back needs the backup`, () => {
      const { set } = sets.load(name);
      assert.ok(set.platformSteps.includes("backup"));
      assert.equal(set.roles["rpi"]?.schemaClass, "restore");
    });

    it(`${name} fits the default window of four hours, way back included`, () => {
      const roles = platform.order.upgrade.flatMap((role) => sets.load(name).set.roles[role] ?? []);
      const timed = roles.map((role) => ({
        ...role,
        migrateTimeoutSeconds: migrateTimeout({
          migrate: role.migrate ?? null,
          schemaVersion: role.schemaVersion ?? null,
        }),
      }));
      assert.ok(worstCaseMilliseconds(timed) <= 4 * 3_600_000);
    });
  }

  it("v6 has no Helm release, and says how its nodes are stopped, saved and started", () => {
    const { set } = sets.load("v6");
    assert.deepEqual(set.roles, {});
    assert.deepEqual([...set.absentRoles].sort(), platform.roles.map(({ role }) => role).sort());
    // Seed 000, step 1.
    assert.deepEqual(set.nodes?.folders, ["C:\\Program Files\\RedPoint Global", "C:\\inetpub\\wwwrpi"]);
  });
});
