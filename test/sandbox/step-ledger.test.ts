import assert from "node:assert/strict";
import { connectKubernetes } from "../../clients/kubernetes.ts";
import { configMaps } from "../../clients/kubernetes-kinds.ts";
import { openLedger } from "../../clients/ledger-store.ts";
import { verifyPages } from "../../model/ledger-verify.ts";
import { openWorkbench, type Workbench } from "./support/step-context.ts";

describe("the ledger on a real API server", function () {
  this.timeout(120_000);
  let bench: Workbench;
  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());
  const open = () => openLedger({ stack: bench.stack, cluster: { ledgerNamespace: bench.ledgerNamespace } });

  it("is empty while its namespace does not exist, and makes it with the first write", async () => {
    assert.deepEqual(await bench.ledger.pages(), []);
    await bench.ledger.update(() => ({ bodies: [{ kind: "note", text: "first" }], page: "new", open: true }));
    assert.equal((await bench.ledger.pages()).length, 1);
  });

  it("loses nothing when twelve writers append at once", async () => {
    const writers = await Promise.all(Array.from({ length: 12 }, open));
    await Promise.all(
      writers.map(async (ledger, writer) => {
        for (let entry = 0; entry < 3; entry += 1) await ledger.append({ kind: "note", text: `${writer}.${entry}` });
      }),
    );
    const pages = await bench.ledger.pages();
    assert.deepEqual(verifyPages(pages), []);
    assert.equal(pages.flatMap((page) => page.entries).length, 37);
  });

  it("makes closed pages immutable: the API server itself refuses a change", async () => {
    await bench.ledger.update(() => ({
      bodies: [{ kind: "closed", verdict: "passed", reason: "done" }],
      page: "current",
      open: false,
    }));
    const kubernetes = await connectKubernetes();
    const name = `ledger-${bench.stack}-000001`;
    const page = await kubernetes.get(configMaps, bench.ledgerNamespace, name);
    assert.equal(page?.immutable, true);
    const change = kubernetes.patch(configMaps, bench.ledgerNamespace, name, { data: { page: "{}" } });
    await assert.rejects(change, /immutable/);
    await bench.ledger.append({ kind: "hold", reason: "waiting" });
    assert.deepEqual(
      (await bench.ledger.pages()).map((one) => one.number),
      [1, 2],
    );
  });

  it("does not mix stacks in one namespace", async () => {
    const other = await openLedger({ stack: `${bench.stack}-b`, cluster: { ledgerNamespace: bench.ledgerNamespace } });
    assert.deepEqual(await other.pages(), []);
    await other.append({ kind: "note", text: "mine" });
    assert.equal((await bench.ledger.pages()).length, 2);
  });
});
