import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLedger } from "../../../clients/ledger-file-store.ts";
import type { LedgerStore } from "../../../clients/ledger-contract.ts";
import { beginAttempt, recordReceipt } from "../../../clients/ledger-run.ts";
import { receiptsSinceVerified } from "../../../clients/ledger-receipts.ts";
import { chooseAttempts, summarize } from "../../../model/ledger-summary.ts";
import type { Receipt, StepKind, StepRequest } from "../../../model/step.ts";
import type { Verdict } from "../../../model/verdict.ts";

const targets = [{ service: "gim", releaseSet: "r2026-11", digest: "d1" }];

function request(step: StepKind, attempt: string, target = "t1", service: string | null = "gim"): StepRequest {
  return {
    stack: "infomart-dev",
    platform: "infomart",
    environment: "dev",
    step,
    service,
    attempt,
    target: { releaseSet: "r2026-11", digest: target },
    cluster: { ledgerNamespace: "cutover" },
    spec: service === null ? {} : { service: { digest: "d1", releaseSet: "r2026-11" } },
  };
}

function receipt(of: StepRequest, verdict: Verdict): Receipt {
  const { step, service, attempt } = of;
  const text = { summary: `${step} ${verdict}`, evidence: [], gates: [], facts: {}, toolVersion: "0.1.0" };
  return { step, service, verdict, attempt, startedAt: new Date().toISOString(), durationMilliseconds: 1, ...text };
}

describe("runs in the ledger", () => {
  let folder: string;
  let ledger: LedgerStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cutover-run-"));
    ledger = openFileLedger({ stack: "infomart-dev", folder });
  });
  afterEach(() => rm(folder, { recursive: true }));
  const record = async (step: StepKind, attempt: string, verdict: Verdict): Promise<void> => {
    const asked = request(step, attempt);
    await recordReceipt(ledger, asked, receipt(asked, verdict));
  };
  const nextAttempt = async (target = "t1"): Promise<string> =>
    chooseAttempts(summarize(await ledger.pages()), targets, target).platform;

  it("records which folder a run verifies and by what it is judged, where preflight knows it", async () => {
    await beginAttempt(ledger, request("preflight", "1.1"), targets, { setHash: "h", judgedBy: { gim: "g" } });
    const [begun] = (await ledger.pages()).flatMap((page) => page.entries);
    assert.ok(begun?.kind === "attempt");
    assert.deepEqual([begun.setHash, begun.judgedBy, begun.targets], ["h", { gim: "g" }, targets]);
  });

  it("begins the very attempt that the program chose, continues an open run, and closes it", async () => {
    assert.equal(await nextAttempt(), "1.1");
    assert.deepEqual(await beginAttempt(ledger, request("preflight", "1.1"), targets), {
      attempt: "1.1",
      resumed: false,
    });
    await record("verify", "1.1", "failed");
    assert.equal(await nextAttempt(), "1.2");
    assert.deepEqual(await beginAttempt(ledger, request("preflight", "1.2"), targets), {
      attempt: "1.2",
      resumed: true,
    });
    await record("verify", "1.2", "passed");
    const finish = request("finish", "1.2", "t1", null);
    const close = { verdict: "passed" as const, reason: "all verified" };
    const { head } = await recordReceipt(ledger, finish, receipt(finish, "passed"), { close });
    const summary = summarize(await ledger.pages());
    assert.equal(summary.openRun, null);
    assert.equal(summary.head, head);
    assert.equal(summary.verified.get("gim")?.attempt, "1.2");
    assert.ok(chooseAttempts(summary, targets, "t1").nothingToDo);
  });

  it("closes a run that was given up for another target, with its reason", async () => {
    await beginAttempt(ledger, request("preflight", "1.1"), targets);
    assert.equal(await nextAttempt("t2"), "2.1");
    await beginAttempt(ledger, request("preflight", "2.1", "t2"), targets);
    const [first] = await ledger.pages();
    const last = first?.entries.at(-1);
    assert.ok(last?.kind === "closed" && last.verdict === "notRun" && /given up/.test(last.reason));
    assert.equal(summarize(await ledger.pages()).openRun?.number, 2);
  });

  it("lets exactly one of two runs begin that chose the same attempt", async () => {
    const both = await Promise.allSettled([
      beginAttempt(ledger, request("preflight", "1.1"), targets),
      beginAttempt(ledger, request("preflight", "1.1"), targets),
    ]);
    assert.deepEqual(both.map((one) => one.status).sort(), ["fulfilled", "rejected"]);
    const refused = both.find((one) => one.status === "rejected");
    assert.match(String(refused?.reason), /CUT-5012/);
    assert.equal((await ledger.pages())[0]?.entries.length, 1);
  });

  it("refuses a damaged ledger, an unknown attempt, and receipts of a run that is not open", async () => {
    await assert.rejects(beginAttempt(ledger, request("preflight", "unknown"), targets), /CUT-5011/);
    await assert.rejects(record("verify", "1.1", "passed"), /CUT-5012/);
    await beginAttempt(ledger, request("preflight", "1.1"), targets);
    await assert.rejects(record("verify", "1.2", "passed"), /CUT-5012/, "1.2 was never begun");
    const damaged = {
      ...ledger,
      update: (decide: Parameters<LedgerStore["update"]>[0]) =>
        ledger.update((pages) =>
          decide(
            pages.map((page) => ({ ...page, entries: page.entries.map((entry) => ({ ...entry, at: "changed" })) })),
          ),
        ),
    };
    await assert.rejects(beginAttempt(damaged, request("preflight", "1.2"), targets), /CUT-5010/);
  });

  it("keeps a preflight that refused before it began out of the ledger, without an error", async () => {
    const asked = request("preflight", "1.1", "t1", null);
    assert.equal((await recordReceipt(ledger, asked, receipt(asked, "failed"))).recorded, false);
    assert.deepEqual(await ledger.pages(), []);
    await assert.rejects(recordReceipt(ledger, asked, receipt(asked, "passed")), /CUT-5012/);
  });

  it("does not let a late receipt of a stopped step overrule a newer attempt", async () => {
    await beginAttempt(ledger, request("preflight", "1.1"), targets);
    await beginAttempt(ledger, request("preflight", "1.2"), targets);
    await record("verify", "1.2", "passed");
    const late = request("verify", "1.1");
    await recordReceipt(ledger, late, receipt(late, "errored"), { late: true });
    const pages = await ledger.pages();
    assert.equal(pages[0]?.entries.at(-1)?.kind, "note");
    assert.ok(summarize(pages).verified.has("gim"));
  });

  it("records a step of a service that stands verified by a closed run on a page of its own", async () => {
    await beginAttempt(ledger, request("preflight", "1.1"), targets);
    const finish = request("finish", "1.1", "t1", null);
    await recordReceipt(ledger, finish, receipt(finish, "passed"), { close: { verdict: "passed", reason: "done" } });
    await record("verify", "1.1", "passed");
    assert.deepEqual(
      (await ledger.pages()).map((page) => [page.number, page.open]),
      [
        [1, false],
        [2, false],
      ],
    );
  });

  it("finds the receipts that a service's state rests on, over runs that were given up, but not past a verification", async () => {
    await beginAttempt(ledger, request("preflight", "1.1"), targets);
    await record("inventory", "1.1", "passed");
    await record("verify", "1.1", "passed");
    await record("inventory", "1.1", "passed");
    await beginAttempt(ledger, request("preflight", "2.1", "t2"), targets);
    await record("inventory", "2.1", "passed");
    const found = receiptsSinceVerified(await ledger.pages(), "gim", "inventory");
    assert.deepEqual(
      found.map((one) => one.attempt),
      ["1.1", "2.1"],
    );
  });
});
