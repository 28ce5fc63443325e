import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { sha256 } from "../../../model/ledger.ts";
import { gunzip, tar } from "../../../sandbox/charts/archive.ts";
import { archivePath, chartFiles, releasesFolder } from "../../../sandbox/charts/package.ts";
import { chartsOf, chartVersions, compareChartVersions } from "../../../sandbox/charts/versions.ts";

interface Release {
  roles: Record<string, { chart: { path: string; version: string; sha256: string } }>;
}

describe("archives of the stand-in charts", () => {
  for (const { releaseSet } of chartVersions) {
    for (const { chart, version } of chartsOf(releaseSet)) {
      it(`${releaseSet}: ${chart}-${version} is what its sources make`, () => {
        const committed = readFileSync(join(releasesFolder, releaseSet, archivePath(chart, version)));
        assert.ok(gunzip(committed).equals(tar(chartFiles(chart, version))), "run: node sandbox/charts/package.ts");
        assert.ok(committed.length < 4096);
        const release = parse(readFileSync(join(releasesFolder, releaseSet, "release.yaml"), "utf8")) as Release;
        assert.deepEqual(release.roles[chart]?.chart, {
          path: archivePath(chart, version),
          version,
          sha256: sha256(committed),
        });
      });
    }
  }

  it("every version of a chart has other templates than the one before", () => {
    for (const chart of ["gim", "gsp", "gca", "gim-monitoring", "gca-monitoring"]) {
      const templates = chartVersions.map(({ releaseSet }) => {
        const version = chartsOf(releaseSet).find((candidate) => candidate.chart === chart)?.version ?? "";
        return sha256(tar(chartFiles(chart, version).filter(({ path }) => path.includes("/templates/"))));
      });
      assert.equal(new Set(templates).size, templates.length, chart);
    }
  });

  it("Chart.yaml names the version and the image tag", () => {
    const about = chartFiles("gim", "100.0.116+4200").find(({ path }) => path === "gim/Chart.yaml");
    const chart = parse(String(about?.content)) as Record<string, string>;
    assert.equal(chart.version, "100.0.116+4200");
    assert.equal(chart.appVersion, "100.0.116.4200");
  });

  it("the bytes do not depend on the order of the files", () => {
    const files = chartFiles("gsp", "100.0.100+3700");
    assert.ok(tar(files).equals(tar([...files].reverse())));
  });

  it("the build number counts", () => {
    assert.ok(compareChartVersions("100.0.100+2600", "100.0.100+3700") < 0);
    assert.ok(compareChartVersions("100.0.101+1200", "100.0.100+3700") > 0);
    assert.equal(compareChartVersions("100.0.100+2600", "100.0.100+2600"), 0);
  });
});
