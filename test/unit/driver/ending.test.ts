import assert from "node:assert/strict";
import { judgeEnding } from "../../../automation/run/ending.ts";
import { readEvent, stepOf } from "../../../automation/run/events.ts";
import { summarize } from "../../../model/ledger-summary.ts";
import type { Json } from "../../../model/service.ts";
import type { Receipt, StepKind } from "../../../model/step.ts";
import type { Verdict } from "../../../model/verdict.ts";

const nothing = { stopAsked: false, failedStep: null, lastWords: [] };
const ended = (text: string, exitCode: number | null = 255) => ({ exitCode, signal: null, text });
const receipt = (step: StepKind, verdict: Verdict, facts: { [key: string]: Json } = {}): Receipt => ({
  step,
  service: step === "preflight" ? null : "gsp",
  verdict,
  summary: "why",
  evidence: [],
  gates: [],
  facts,
  startedAt: "",
  durationMilliseconds: 1,
  toolVersion: "1",
  attempt: "1.1",
});
const judge = (receipts: Receipt[], text = "", context: Parameters<typeof judgeEnding>[3] = nothing) =>
  judgeEnding(ended(text), summarize([]), receipts, context);
const refusedBy = (...checks: string[]) =>
  judge([receipt("preflight", "failed", { checks: Object.fromEntries(checks.map((name) => [name, "failed"])) })])
    .exitCode;

describe("how a run ended", () => {
  it("is told by the ledger: failed, errored and inconclusive are three things", () => {
    assert.deepEqual(
      (["failed", "errored", "inconclusive"] as const).map((verdict) => {
        const { kind, exitCode } = judge([receipt("verify", verdict)]);
        return [kind, exitCode];
      }),
      [
        ["failed", 1],
        ["errored", 1],
        ["inconclusive", 19],
      ],
    );
    assert.equal(judge([receipt("backup", "failed")]).exitCode, 16);
  });

  it("gives each refusal of preflight its exit code", () => {
    assert.equal(refusedBy("window"), 13);
    assert.equal(refusedBy("approvals"), 18);
    assert.equal(refusedBy("lock"), 14);
    assert.equal(refusedBy("kafka"), 17);
    assert.equal(refusedBy("kafka", "notes"), 15);
    assert.equal(refusedBy("notes"), 15);
  });

  it("never calls a run passed that left a bad receipt or an open run, whatever pulumi's exit code is", () => {
    assert.equal(judgeEnding(ended("", 0), summarize([]), [receipt("verify", "failed")], nothing).kind, "failed");
    assert.equal(judgeEnding(ended("", 0), summarize([]), [], nothing).kind, "passed");
  });

  it("knows another pulumi's lock, a missing stack, a stop that was asked for and a Helm failure", () => {
    const lock = "error: the stack is currently locked by 1 lock(s)\n  created by anna@host (pid 7) at noon";
    assert.deepEqual(
      [judge([], lock).exitCode, judge([], lock).evidence],
      [14, ["created by anna@host (pid 7) at noon"]],
    );
    assert.equal(judge([], "error: no stack named 'x' found").exitCode, 2);
    assert.equal(judge([], "", { ...nothing, stopAsked: true }).kind, "stopped");
    const helm = judge([], "", { ...nothing, failedStep: "gsp release" });
    assert.deepEqual([helm.kind, helm.service, helm.step], ["failed", "gsp", "release"]);
  });
});

describe("engine events", () => {
  const urn = (type: string, name: string) =>
    `urn:pulumi:dev::cutover::cutover:index:Platform$cutover:index:Service$${type}::${name}`;
  const services = ["gim", "gim-monitoring", "gsp"];

  it("are told apart by type and the longest service name", () => {
    assert.equal(stepOf(urn("command:local:Command", "gim-monitoring-verify"), services), "gim-monitoring verify");
    assert.equal(stepOf(urn("kubernetes:helm.sh/v3:Release", "gsp"), services), "gsp release");
    assert.equal(stepOf(urn("command:local:Command", "preflight"), services), "platform preflight");
    assert.equal(stepOf("urn:pulumi:dev::cutover::pulumi:pulumi:Stack::x", services), null);
  });

  it("leave out receipts and checks that passed, and keep what was not checked", () => {
    const said = (message: string) =>
      readEvent(
        {
          sequence: 1,
          timestamp: 1,
          diagnosticEvent: {
            urn: urn("command:local:Command", "preflight"),
            message,
            color: "never",
            severity: "info",
          },
        },
        services,
      )?.text ?? null;
    assert.equal(said('{"step":"preflight","service":null}'), null);
    assert.equal(said("infomart preflight: ✓ passed  hold  the stack is not on hold"), null);
    assert.match(said("infomart preflight: - skipped  kafka  NOT CHECKED: not set") ?? "", /NOT CHECKED/);
    assert.match(said("infomart preflight: ✗ failed  skew  three releases back") ?? "", /three/);
  });
});
