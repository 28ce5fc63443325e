import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { KubernetesObject } from "../../../clients/contracts.ts";
import { decodeRecord, encodeRecord, markFailed, revisionOf } from "../../../clients/helm-record.ts";
import { missingWorkloads } from "../../../clients/helm-manifest.ts";

// Numbers as Go writes them; the big one is beyond what a double holds.
const text =
  '{"name":"gim","namespace":"gim","version":3,"info":{"status":"pending-upgrade","description":"Preparing upgrade","last_deployed":"2026-11-22T10:00:00Z","notes":"n"},' +
  '"chart":{"metadata":{"name":"gim","version":"100.0.116+4200"}},"config":{"id":12345678901234567890,"share":1.0},"manifest":"kind: Service\\n"}';
const secret = (release: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "sh.helm.release.v1.gim.v3", labels: { status: "pending-upgrade" } },
  data: { release },
});

describe("Helm's records", () => {
  it("are decoded through both base64 layers and gzip, and read", () => {
    const revision = revisionOf(secret(encodeRecord(text)));
    assert.equal(revision.status, "pending-upgrade");
    assert.equal(revision.revision, 3);
    assert.equal(revision.chartVersion, "100.0.116+4200");
    assert.equal(revision.lastDeployed, "2026-11-22T10:00:00Z");
  });

  it("are read uncompressed too, as Helm itself does", () => {
    const plain = Buffer.from(Buffer.from(text).toString("base64")).toString("base64");
    assert.equal(decodeRecord(secret(plain)), text);
    const byHand = Buffer.from(gzipSync(text).toString("base64")).toString("base64");
    assert.equal(decodeRecord(secret(byHand)), text);
  });

  it("change only status and description when marked as failed, digit by digit", () => {
    const marked = markFailed(text, "ended");
    const expected = text.replace('"pending-upgrade"', '"failed"').replace('"Preparing upgrade"', '"ended"');
    assert.equal(marked, expected);
  });
});

describe("workloads that Helm deployed", () => {
  const manifest =
    "---\nkind: Deployment\napiVersion: apps/v1\nmetadata:\n  name: gim\n---\n# Source\nkind: StatefulSet\nmetadata:\n  name: cache\n---\nkind: Deployment\nmetadata:\n  name: other\n  namespace: elsewhere\n";

  it("are missed by name; those of other namespaces are not", async () => {
    assert.deepEqual(await missingWorkloads(manifest, "gim", ["Deployment gim"]), ["StatefulSet cache"]);
    assert.deepEqual(await missingWorkloads(manifest, "gim", ["Deployment gim", "StatefulSet cache"]), []);
    assert.deepEqual(await missingWorkloads("kind: ConfigMap\nmetadata:\n  name: x\n", "gim", []), []);
  });
});
