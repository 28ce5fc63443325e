import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { openFileLedger } from "../../../clients/ledger-file-store.ts";
import { legalName, pageName, stackLabel } from "../../../clients/ledger-name.ts";
import { cutReceipt, fitReceipt } from "../../../clients/ledger-size.ts";
import type { Receipt } from "../../../model/step.ts";
import { receiptLine } from "../../../steps/receipt-line.ts";

function receiptWith(lines: string[], gates: number): Receipt {
  const gate = {
    gate: "lag",
    kind: "promql" as const,
    verdict: "passed" as const,
    summary: "fine",
    durationMilliseconds: 5,
  };
  return {
    step: "verify",
    service: "gim",
    verdict: "failed",
    summary: "lag is growing",
    evidence: lines,
    gates: Array.from({ length: gates }, () => ({ ...gate, evidence: lines })),
    facts: {},
    startedAt: "2026-11-22T15:00:00.000Z",
    durationMilliseconds: 10,
    toolVersion: "0.1.0",
    attempt: "12.1",
  };
}

describe("the size of receipts and pages", () => {
  it("prints every receipt in less than 8 KiB and keeps its verdict", () => {
    const line = fc.string({ unit: "grapheme", maxLength: 3000 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 80 }), fc.nat({ max: 12 }), (lines, gates) => {
        const printed = receiptLine(receiptWith(lines, gates));
        assert.ok(Buffer.byteLength(printed) < 8192, `${Buffer.byteLength(printed)} bytes`);
        assert.equal((JSON.parse(printed) as Receipt).verdict, "failed");
      }),
      { numRuns: 60 },
    );
  });

  it("leaves a receipt that fits as it is, and counts what it cuts, also when it cuts twice", () => {
    const small = receiptWith(["one", "two"], 1);
    assert.deepEqual(cutReceipt(small, 8000), small);
    const lines = Array.from({ length: 100 }, (_unused, index) => `line ${index} ${"x".repeat(80)}`);
    const once = cutReceipt(receiptWith(lines, 0), 4000);
    const twice = cutReceipt(once, 900);
    for (const cut of [once, twice]) {
      const shown = cut.evidence.length - 1;
      assert.equal(cut.evidence.at(-1), `… ${100 - shown} more lines not shown`);
    }
  });

  it("never fills a page: long receipts get shorter the fuller it is", async () => {
    const lines = Array.from({ length: 60 }, (_unused, index) => `evidence ${index} ${"y".repeat(100)}`);
    const body = { kind: "receipt" as const, receipt: receiptWith(lines, 2), digest: "d", releaseSet: "r" };
    const size = (used: number): number => JSON.stringify(fitReceipt(body, used)).length;
    assert.ok(size(0) > 3 * size(850_000));
    const folder = await mkdtemp(join(tmpdir(), "cutover-size-"));
    try {
      const ledger = openFileLedger({ stack: "s", folder });
      await ledger.update(() => ({ bodies: [{ kind: "note", text: "begin" }], page: "new", open: true }));
      for (let part = 0; part < 5; part += 1) {
        await ledger.update(() => ({ bodies: Array(60).fill(body), page: "current", open: true }));
      }
      const [page] = await ledger.pages();
      assert.equal(page?.entries.length, 301);
      assert.ok(JSON.stringify(page).length < 900_000);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("makes legal, distinct names of any stack name", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 100 }), fc.string({ minLength: 1, maxLength: 100 }), (a, b) => {
        assert.match(pageName(a, 12), /^ledger-[a-z0-9]([a-z0-9-]*[a-z0-9])?-000012$/);
        assert.match(stackLabel(a), /^(?:[a-z0-9-]{1,63})$/);
        if (a !== b) assert.notEqual(legalName(a), legalName(b));
      }),
    );
    assert.equal(pageName("infomart-dev", 12), "ledger-infomart-dev-000012");
  });
});
