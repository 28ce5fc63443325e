import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { renderChart } from "../../clients/helm-render.ts";
import { layerValues, valueAt } from "../../model/layering.ts";
import { applicationSecret } from "../../model/redpoint/application-secret.ts";
import { chartGeneration } from "../../model/redpoint/chart-generation.ts";
import { ensureToolchain } from "../../sandbox/toolchain/ensure-toolchain.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { findReferences } from "../../steps/preflight/references.ts";
import { withEnvironment } from "./clients-world.ts";

const root = path.join(import.meta.dirname, "../..");

describe("what preflight finds in Redpoint's rendered charts, by the real helm", function () {
  this.timeout(300_000);
  let restore: () => void;
  let cache: string;
  before(async () => {
    const toolchain = await ensureToolchain({ say: () => undefined, tools: ["helm"] });
    restore = withEnvironment({ PATH: [...toolchain.folders, process.env["PATH"] ?? ""].join(path.delimiter) });
    cache = await mkdtemp(path.join(tmpdir(), "cutover-rendered-"));
  });
  after(async () => {
    restore();
    await rm(cache, { recursive: true });
  });

  for (const name of ["v7.6", "v7.7"]) {
    it(`${name}: pull secret, TLS secret, storage claims and every key of the Secret that the values ask for`, async () => {
      const loaded = openReleaseSets(root, "redpoint").load(name);
      const release = loaded.set.roles["rpi"];
      assert.ok(release?.image !== undefined && "path" in release.chart);
      const values = layerValues([
        loaded.values.get("rpi") ?? {},
        valueAt("global.deployment.images.registry", "registry.example/rpi"),
        valueAt("global.deployment.images.imagePullSecret", { enabled: true, name: "redpoint-rpi" }),
        valueAt("ingress.domain", "rpi.example"),
        valueAt("SMTPSettings.UseCredentials", true),
        valueAt(release.image.valuesKey, release.image.tag),
      ]);
      const chartPath = path.join(root, loaded.folder, release.chart.path);
      const input = { release: "rpi", namespace: "rpi", chartPath, values, secret: true };
      const text = await renderChart(input, "1.34.4", cache);
      const found = findReferences(parseAllDocuments(text).map((document): unknown => document.toJS() as unknown));
      assert.deepEqual([...found.pullSecrets], ["redpoint-rpi"]);
      assert.deepEqual([...found.tlsSecrets], ["ingress-tls"]);
      assert.deepEqual([...found.storageClaims].sort(), ["rpdmuploaddirectory", "rpifileoutputdir"]);
      const wanted = applicationSecret(values, chartGeneration(release.chart.version));
      const keys = found.secrets.get(wanted?.name ?? "");
      assert.ok(wanted !== null && keys !== undefined);
      assert.deepEqual(
        [...keys].filter((key) => !wanted.keys.includes(key)),
        [],
        "keys that our own check would not ask for",
      );
      // Values with secrets: the manifest is kept nowhere.
      assert.deepEqual(await readdir(cache), []);
    });
  }
});
