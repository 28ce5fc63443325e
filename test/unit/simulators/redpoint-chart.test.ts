import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { sha256 } from "../../../model/ledger.ts";
import { gunzip, tar } from "../../../sandbox/charts/archive.ts";
import {
  packageRedpointChart,
  redpointChartFiles,
  redpointChartVersion,
  redpointGenerations,
  redpointImageTags,
} from "../../../sandbox/charts/redpoint-rpi.ts";
import { realtimeValues, mainValues } from "../../../sandbox/redpoint/values.ts";
import { redpointServices } from "../../../sandbox/simulators/redpoint/services.ts";

type Values = Record<string, { enabled?: boolean; cacheProvider?: unknown } | undefined>;

describe("the stand-in chart redpoint-rpi", () => {
  const text = (generation: "7.6" | "7.7", path: string): string =>
    String(redpointChartFiles(generation).find((file) => file.path === `redpoint-rpi/${path}`)?.content);

  for (const generation of redpointGenerations) {
    it(`${generation}: the chart's version says nothing of the build, and all services are simulated`, () => {
      const about = parse(text(generation, "Chart.yaml")) as Record<string, string>;
      assert.equal(about["version"], redpointChartVersion(generation));
      assert.equal(about["appVersion"], generation);
      assert.ok(redpointImageTags[generation].startsWith(`${generation}.`));
      const keys = [...text(generation, "templates/_services.tpl").matchAll(/key: (\w+)/g)].map(
        ([, key]) => `rpi-${key}`,
      );
      assert.deepEqual(keys.sort(), [...redpointServices].sort());
      assert.ok(keys.length >= 8);
    });

    it(`${generation}: an archive that is there already with equal content keeps its bytes`, () => {
      const folder = mkdtempSync(join(tmpdir(), "cutover-chart-"));
      try {
        const first = packageRedpointChart(generation, folder);
        assert.deepEqual([first.written, first.version], [true, redpointChartVersion(generation)]);
        assert.equal(first.sha256, sha256(readFileSync(first.file)));
        assert.ok(gunzip(readFileSync(first.file)).equals(tar(redpointChartFiles(generation))));
        assert.deepEqual(packageRedpointChart(generation, folder), { ...first, written: false });
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it("the real chart's sets of providers, and a schema that refuses what it does not know", () => {
    const schema = JSON.parse(text("7.7", "values.schema.json")) as {
      required: string[];
      additionalProperties: boolean;
      properties: { realtimeapi: { properties: Record<string, { properties: { provider: { enum: string[] } } }> } };
    };
    assert.deepEqual(schema.required, ["global", "databases"]);
    assert.equal(schema.additionalProperties, false);
    const { cacheProvider, queueProvider } = schema.properties.realtimeapi.properties;
    assert.deepEqual(cacheProvider?.properties.provider.enum, [
      "",
      "mongodb",
      "azureredis",
      "redis",
      "inMemorySql",
      "googlebigtable",
    ]);
    assert.equal(queueProvider?.properties.provider.enum.length, 8);
  });

  it("values of a realtime release switch on nothing else", () => {
    for (const generation of redpointGenerations) {
      const values = realtimeValues({ generation, provider: "sqlserver" }, "id") as Values;
      const enabled = redpointServices.filter((service) => values[service.replace("rpi-", "")]?.enabled === true);
      assert.deepEqual(enabled, ["rpi-realtimeapi"]);
      assert.ok(values["realtimeapi"]?.cacheProvider !== undefined);
      const main = mainValues({ generation, provider: "sqlserver", realtime: false }) as Values;
      assert.equal(main["realtimeapi"]?.enabled, false);
    }
  });
});
