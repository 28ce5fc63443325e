import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { forecast } from "../../../automation/plan/forecast.ts";
import { planDifferences, readPlanFile, writePlanFile, type PlanDocument } from "../../../automation/plan/plan-file.ts";
import { windowState } from "../../../automation/plan/window-state.ts";
import { plan } from "../../../automation/verbs/plan.ts";
import { planExitCode } from "../../../model/plan-exit-code.ts";
import type { Verb, VerbContext } from "../../../automation/verb.ts";
import { openVerbWorld, stack, type VerbWorld } from "./verb-runner.ts";

const document: PlanDocument = {
  formatVersion: 1,
  stack,
  releaseSet: "r2026-11",
  setHash: "a".repeat(64),
  targetDigest: "b".repeat(64),
  services: [
    { name: "gim", releaseSet: "r2026-11", digest: "c".repeat(64) },
    { name: "gsp", releaseSet: "r2026-08", digest: "d".repeat(64) },
  ],
  steps: [
    { service: null, step: "preflight", runs: true, expectedMilliseconds: 800 },
    { service: "gim", step: "verify", runs: true, expectedMilliseconds: null },
    { service: "gsp", step: "verify", runs: false, expectedMilliseconds: null },
  ],
  gates: [{ service: "gim", gate: { kind: "pods", name: "gim-pods", timeoutSeconds: 900 } }],
  ledgerHead: "e".repeat(64),
  toolVersion: "0.1.0",
  createdAt: "2026-11-01T00:00:00.000Z",
};
const [gim = assert.fail(), gsp = assert.fail()] = document.services;
const [preflight = assert.fail(), verify = assert.fail(), kept = assert.fail()] = document.steps;
const gate = document.gates[0] ?? assert.fail();

describe("a plan that was made before", () => {
  it("fits while only time has passed", () => {
    const later = { ...document, createdAt: "2027-01-01T00:00:00.000Z", report: { anything: 1 } };
    const steps = document.steps.map((step) => ({ ...step, expectedMilliseconds: 5 }));
    assert.deepEqual(planDifferences(document, { ...later, steps }), []);
  });

  const cases: [string, Partial<PlanDocument>, RegExp][] = [
    ["another stack", { stack: "infomart-prod" }, /^stack: planned infomart-dev, now infomart-prod$/],
    ["another release set", { releaseSet: "r2027-02" }, /^release set: planned r2026-11, now r2027-02$/],
    ["a changed release set", { setHash: "f".repeat(64) }, /^content of r2026-11: planned a{12}, now f{12}$/],
    [
      "a service's content",
      { services: [gim, { ...gsp, digest: "f".repeat(64) }] },
      /^service gsp: planned r2026-08 d/,
    ],
    ["a service's release set", { services: [gim, { ...gsp, releaseSet: "r2026-11" }] }, /gsp.*now r2026-11/],
    ["a service gone", { services: [gim] }, /^service gsp: planned, but no longer there$/],
    ["a service more", { services: [gim, gsp, { ...gsp, name: "gca" }] }, /^service gca: not planned$/],
    ["another order", { services: [gsp, gim] }, /order/],
    ["a step more", { steps: [preflight, verify, { ...kept, runs: true }] }, /^step gsp verify: not planned, but/],
    [
      "a step less",
      { steps: [preflight, { ...verify, runs: false }, kept] },
      /^step gim verify: planned, but would not/,
    ],
    ["steps in another order", { steps: [verify, preflight, kept] }, /order/],
    [
      "a gate's parameter",
      { gates: [{ ...gate, gate: { ...gate.gate, timeoutSeconds: 1 } }] },
      /^gate gim gim-pods: its/,
    ],
    ["a gate gone", { gates: [] }, /^gate gim gim-pods: planned, but/],
    ["a ledger that went on", { ledgerHead: "f".repeat(64) }, /^ledger: .*something was recorded$/],
    ["another tool", { toolVersion: "0.2.0" }, /^tool version: planned 0.1.0, now 0.2.0$/],
    ["only the target", { targetDigest: "f".repeat(64) }, /^target: planned/],
  ];
  for (const [what, change, words] of cases) {
    it(`names ${what}, and nothing else`, () => {
      const differences = planDifferences(document, { ...document, ...change });
      assert.equal(differences.length, 1, differences.join("\n"));
      assert.match(differences[0] ?? "", words);
    });
  }

  it("never fits when any judged member differs, in either direction", () => {
    const changes = cases.map(([, change]) => change);
    fc.assert(
      fc.property(fc.subarray(changes, { minLength: 1 }), (chosen) => {
        const other = chosen.reduce<PlanDocument>((whole, change) => ({ ...whole, ...change }), document);
        assert.notEqual(planDifferences(document, other).length, 0);
        assert.notEqual(planDifferences(other, document).length, 0);
      }),
    );
  });
});

describe("plan", () => {
  let world: VerbWorld;
  beforeEach(() => (world = openVerbWorld()));
  afterEach(() => world.remove());
  const ask = async (release?: string) => {
    let found: Awaited<ReturnType<typeof forecast>> | undefined;
    const probe: Verb = {
      ...plan,
      run: async (context: VerbContext) => {
        found = await forecast(context, stack, release);
        return 0;
      },
    };
    await world.run(probe, {});
    return found ?? assert.fail();
  };

  it("plans as if the stack file said so, and leaves file and ledger alone", async () => {
    const file = join(world.project.root, "stacks/Pulumi.infomart-dev.yaml");
    const before = readFileSync(file, "utf8");
    const [asFile, asAsked] = [await ask(), await ask("a1")];
    assert.deepEqual([asFile.document.releaseSet, asAsked.document.releaseSet], ["b2", "a1"]);
    assert.ok(asAsked.document.services.every((service) => service.releaseSet === "a1"));
    assert.equal(readFileSync(file, "utf8"), before);
    assert.deepEqual(await world.ledger.pages(), []);
  });

  it("drops the pins that upgrade --release drops, and keeps absent services absent", async () => {
    world.project.stack("infomart-dev", [
      "  cutover:platform: infomart",
      "  cutover:environment: dev",
      "  cutover:release: a1",
      "  cutover:tenants: [{ id: t100 }]",
      "  cutover:pins: { gsp: a1, gca-monitoring: absent }",
    ]);
    const services = (await ask("b2")).document.services;
    assert.ok(services.every((service) => service.releaseSet === "b2"));
    assert.ok(!services.some((service) => service.name === "gca-monitoring"));
  });

  it("is the same plan when it is made twice, also by way of a file", async () => {
    const file = join(world.folder, "../plan.json");
    const first = (await ask("b2")).document;
    await writePlanFile(file, { ...first, report: { preflight: null } });
    assert.deepEqual(planDifferences(await readPlanFile(file), (await ask("b2")).document), []);
    assert.notDeepEqual(planDifferences(await readPlanFile(file), (await ask("a1")).document), []);
    await world.ledger.append({ kind: "hold", reason: "meanwhile" });
    assert.match(planDifferences(await readPlanFile(file), (await ask("b2")).document).join(), /ledger/);
  });

  it("lists each gate of what changes, with its parameters", async () => {
    const { document: made } = await ask();
    const lag = made.gates.find((one) => one.service === "gim-t100" && one.gate.name === "gim-lag");
    assert.equal(lag?.gate["windowSeconds"], 300);
    assert.match(String(lag.gate["query"]), /namespace="gim"/);
  });

  it("refuses a file that is no plan", async () => {
    const file = join(world.folder, "../plan.json");
    for (const text of ["", "{}", JSON.stringify({ ...document, formatVersion: 2 }), "[1]"]) {
      writeFileSync(file, text);
      await assert.rejects(readPlanFile(file), /CUT-6260/);
    }
    await assert.rejects(readPlanFile(join(world.folder, "none.json")), /CUT-6260/);
    await assert.rejects(writePlanFile(join(world.folder, "no/folder.json"), document), /CUT-6261/);
  });
});

describe("exit code of a plan", () => {
  const base = { nothingToDo: false, previewChanges: false, stoppedBy: [], previewFailed: false, detailed: false };
  it("10 only when asked for it and something would run", () => {
    assert.equal(planExitCode(base), 0);
    assert.equal(planExitCode({ ...base, detailed: true }), 10);
    assert.equal(planExitCode({ ...base, detailed: true, nothingToDo: true }), 0);
    assert.equal(planExitCode({ ...base, detailed: true, nothingToDo: true, previewChanges: true }), 10, "drift");
  });
  const no = (check: string, verdict = "failed") => ({ check, verdict });
  it("17 when only third parties stop it, else 15; a refusal outweighs everything", () => {
    assert.equal(planExitCode({ ...base, stoppedBy: [no("kafka"), no("postgresql")], detailed: true }), 17);
    assert.equal(planExitCode({ ...base, stoppedBy: [no("kafka"), no("skew")], detailed: true }), 15);
    assert.equal(planExitCode({ ...base, stoppedBy: [no("hold")], previewFailed: true }), 15);
  });
  it("17 when the platform's database server or nodes give no answer, 15 when their answer is no", () => {
    const down = ["databases", "clone-targets", "nodes-reachable"].map((check) => no(check, "errored"));
    assert.equal(planExitCode({ ...base, stoppedBy: down }), 17);
    assert.equal(planExitCode({ ...base, stoppedBy: [...down, no("platform-database-rights")] }), 15);
    assert.equal(planExitCode({ ...base, stoppedBy: [no("redpoint-secret", "errored")] }), 15);
  });
  it("never 0 when the preview could not be had", () => {
    assert.equal(planExitCode({ ...base, previewFailed: true, nothingToDo: true, detailed: true }), 1);
  });
});

describe("the window at the time of a plan", () => {
  const settings = {
    zone: "Europe/Berlin",
    allow: [{ days: ["sat" as const], start: "22:00", length: "4h" }],
    deny: [],
  };
  const at = (text: string, worstCase: number) => windowState(settings, Date.parse(text), worstCase);
  it("closed, open, too short", () => {
    assert.equal(windowState(null, 0, 0), null);
    assert.equal(at("2026-11-20T12:00:00Z", 0)?.open, false);
    assert.deepEqual(
      [at("2026-11-21T21:30:00Z", 3_600_000)?.open, at("2026-11-21T21:30:00Z", 3_600_000)?.fits],
      [true, true],
    );
    assert.equal(at("2026-11-21T21:30:00Z", 4 * 3_600_000)?.fits, false);
  });
});
