import assert from "node:assert/strict";
import { checksFor } from "../../../steps/preflight/checks/groups.ts";
import { attemptEntry, passedRun, receiptEntry } from "../model/ledger-pages.ts";
import { contextOf, revision, service, targetsOf, type Situation } from "./situation.ts";

const checks = checksFor(["chartPairing", "skew", "operationalDatabases", "nodes", "redpoint"]);

async function ask(name: string, situation: Situation) {
  const check = checks.find((one) => one.name === name);
  if (check === undefined) throw new Error(`there is no check ${name}`);
  return check.run(contextOf(situation));
}
const names = ["gim", "gsp", "gca"];
const at = (release: string) => names.map((name) => service(name, release));
const installed = (release: string) => Object.fromEntries(at(release).map((one) => [one.name, [revision(one, 1)]]));
const verified = (release: string) => [passedRun(1, targetsOf(at(release)))];
const waysBackTo = (release: string) => at(release).map((one) => ({ service: one.name, target: one, problem: null }));
const text = (result: { summary: string; evidence: string[]; next?: string }) =>
  [result.summary, ...result.evidence, result.next ?? ""].join("\n");

describe("the list of checks", () => {
  it("has unique names and codes of its own range", () => {
    assert.equal(new Set(checks.map((check) => check.name)).size, checks.length);
    assert.equal(new Set(checks.map((check) => check.code)).size, checks.length);
    for (const check of checks) assert.match(check.code, /^CUT-3\d{3}$/);
  });

  it("lets nobody override what design.md marks !", () => {
    const fixed = checks.filter((check) => !check.overridable).map((check) => check.name);
    assert.deepEqual(fixed.sort(), [
      "checkpoints",
      "clone-targets",
      "cluster-pinned",
      "databases",
      "direction",
      "hold",
      "ledger",
      "lock",
      "overrides",
      "redpoint-database-work",
      "release-set",
      "render",
    ]);
  });
});

describe("hold, notes, overrides, pairing", () => {
  it("a stack on hold refuses and tells why", async () => {
    const result = await ask("hold", {
      services: at("r2026-08"),
      pages: [[{ kind: "hold", reason: "rolled back from r2026-11" }]],
    });
    assert.equal(result.verdict, "failed");
    assert.match(text(result), /rolled back from r2026-11[^]*cutover unhold infomart-dev/);
  });

  it("notes may be acknowledged in the stack file or in the ledger", async () => {
    const notes = [
      { id: "gim-schema", source: "Physical Data Model", text: "two new tables" },
      { id: "raa", source: "RAA release note", text: "aggregation waits" },
    ];
    const spec = { notes, acknowledged: ["gim-schema"] };
    const open = await ask("notes", { services: at("r2026-08"), spec });
    assert.equal(open.verdict, "failed");
    assert.match(text(open), /raa \(RAA release note\): aggregation waits[^]*cutover:acknowledged/);
    assert.doesNotMatch(text(open), /gim-schema/);
    const done = await ask("notes", {
      services: at("r2026-08"),
      spec,
      pages: [[{ kind: "acknowledgement", note: "raa" }]],
    });
    assert.equal(done.verdict, "passed");
  });

  it("an override must name a check that exists and may be overridden", async () => {
    const override = (check: string) =>
      ask("overrides", { services: at("r2026-08"), spec: { overrides: [{ check, reason: "because of that" }] } });
    assert.equal((await override("skew")).verdict, "passed");
    assert.match(text(await override("sqew")), /there is no such check/);
    assert.match(text(await override("direction")), /can't be overridden/);
  });

  it("chart and image of different builds are refused", async () => {
    const wrong = service("gim", "r2026-08", { image: { tag: "100.0.116.3399", valuesKey: "image.tag" } });
    assert.equal((await ask("chart-image-pairing", { services: [wrong] })).verdict, "failed");
    assert.equal((await ask("chart-image-pairing", { services: at("r2026-08") })).verdict, "passed");
  });
});

describe("the right cluster", () => {
  const objects = { "namespaces//kube-system": { metadata: { name: "kube-system", uid: "u-1" } } };
  const pinnedTo = (uid: string | undefined, environment: string) =>
    ask("cluster-pinned", {
      services: at("r2026-08"),
      objects,
      request: { environment, cluster: { ledgerNamespace: "cutover", ...(uid === undefined ? {} : { uid }) } },
    });

  it("is the pinned one, and prod must have a pin", async () => {
    assert.equal((await pinnedTo("u-1", "prod")).verdict, "passed");
    assert.equal((await pinnedTo("u-2", "dev")).verdict, "failed");
    assert.equal((await pinnedTo(undefined, "dev")).verdict, "passed");
    const prod = await pinnedTo(undefined, "prod");
    assert.equal(prod.verdict, "failed");
    assert.match(text(prod), /cutover:cluster\.uid: u-1/);
  });
});

describe("direction and skew", () => {
  it("an upgrade by one or two releases passes", async () => {
    for (const release of ["r2026-08", "r2026-11"]) {
      const situation = { services: at(release), history: installed("r2026-05"), pages: verified("r2026-05") };
      assert.equal((await ask("direction", situation)).verdict, "passed");
      assert.equal((await ask("skew", situation)).verdict, "passed");
    }
  });

  it("going back is refused with the command to type and the line to restore", async () => {
    const result = await ask("direction", {
      services: at("r2026-08"),
      history: installed("r2026-11"),
      pages: verified("r2026-11"),
    });
    assert.equal(result.verdict, "failed");
    assert.match(text(result), /gim: runs r2026-11, wanted is the older r2026-08/);
    assert.match(text(result), /set cutover:release back to r2026-11[^]*cutover rollback infomart-dev/);
  });

  it("going back is refused too when only Helm knows the newer chart", async () => {
    const history = { gim: [revision(service("gim", "r2026-11"), 4, { description: "Upgrade complete" })] };
    const result = await ask("direction", { services: at("r2026-08"), history });
    assert.match(text(result), /chart 100\.0\.116\+3900 runs, wanted is the older 100\.0\.116\+3400/);
  });

  it("going back is refused after a half finished upgrade", async () => {
    const [gim, ...others] = at("r2026-11");
    const old = at("r2026-08");
    if (gim === undefined) throw new Error("no gim");
    const failedRevision = revision(gim, 2, { status: "failed", description: 'Upgrade "gim" failed: hook' });
    const open = [
      attemptEntry("2.1", "r2026-11", targetsOf([gim, ...others])),
      receiptEntry("check", targetsOf([gim])[0] ?? null, "2.1"),
    ];
    const history = { ...installed("r2026-08"), gim: [failedRevision, revision(service("gim", "r2026-08"), 1)] };
    const result = await ask("direction", {
      services: old,
      history,
      pages: [...verified("r2026-08"), open],
      open: true,
    });
    assert.match(text(result), /gim: runs r2026-11/);
  });

  it("three releases at once are refused with the stops on the way", async () => {
    const result = await ask("skew", {
      services: at("r2027-02"),
      history: installed("r2026-05"),
      pages: verified("r2026-05"),
    });
    assert.equal(result.verdict, "failed");
    assert.match(text(result), /gim: 3 releases to r2027-02/);
    assert.match(text(result), /cutover:release to r2026-11, then r2027-02/);
  });

  it("a pin that leaves a service three releases behind is refused", async () => {
    const services = [service("gim", "r2027-02"), service("gsp", "r2026-05")];
    const history = { gim: [revision(service("gim", "r2026-11"), 1)], gsp: [revision(service("gsp", "r2026-05"), 1)] };
    assert.match(
      text(await ask("skew", { services, history })),
      /gim at r2027-02 beside gsp at r2026-05: 3 releases apart/,
    );
  });

  it("a service that stayed the same for three releases is not three releases behind", async () => {
    const same = (release: string, digest: string) => [service("gim", release), service("gsp", release, { digest })];
    const digest = "a".repeat(64);
    const runs = ["r2026-05", "r2026-08", "r2026-11"].map((release, index) =>
      passedRun(index + 1, targetsOf(same(release, digest))),
    );
    const history = {
      gim: [revision(service("gim", "r2026-11"), 3)],
      gsp: [revision(service("gsp", "r2026-05", { digest }), 1)],
    };
    for (const next of [digest, "b".repeat(64)]) {
      const situation = { services: same("r2027-02", next), history, pages: runs };
      assert.equal((await ask("skew", situation)).verdict, "passed");
      assert.equal((await ask("direction", situation)).verdict, "passed");
    }
    const back = await ask("direction", { services: same("r2026-08", digest), history, pages: runs });
    assert.match(text(back), /gim: runs r2026-11/);
    assert.doesNotMatch(text(back), /gsp/);
  });

  it("an unknown present release is no yes", async () => {
    const history = { gim: [revision(service("gim", "r2026-05"), 1, { description: "Install complete" })] };
    assert.equal((await ask("skew", { services: at("r2026-08"), history })).verdict, "errored");
  });
});

describe("install order", () => {
  const spec = { installOrder: ["gsp", "gca", "gim"] };

  it("a first install by plain up is refused, naming cutover install and the override", async () => {
    const result = await ask("install-order", { services: at("r2026-08"), spec });
    assert.equal(result.verdict, "failed");
    assert.match(text(result), /install order: gsp, gca, gim[^]*cutover install infomart-dev[^]*check: install-order/);
  });

  it("is no question once something is installed, or where both orders are the same", async () => {
    assert.equal(
      (await ask("install-order", { services: at("r2026-08"), spec, history: installed("r2026-05") })).verdict,
      "passed",
    );
    assert.equal(
      (await ask("install-order", { services: at("r2026-08"), spec: { installOrder: names } })).verdict,
      "skipped",
    );
  });
});

describe("the way back", () => {
  const situation = { services: at("r2026-11"), history: installed("r2026-08"), pages: verified("r2026-08") };

  it("is there when the verified release set resolves and Helm has its revision", async () => {
    assert.equal(
      (await ask("way-back", { ...situation, spec: { waysBack: waysBackTo("r2026-08") } })).verdict,
      "passed",
    );
  });

  it("is missing when the release set is gone, with the reason", async () => {
    const waysBack = names.map((name) => ({ service: name, target: null, problem: "r2026-08 is not in index.yaml" }));
    const result = await ask("way-back", { ...situation, spec: { waysBack } });
    assert.equal(result.verdict, "failed");
    assert.match(text(result), /gsp: r2026-08 cannot be resolved: r2026-08 is not in index\.yaml/);
  });

  it("is missing when Helm's history was cut", async () => {
    const history = { ...installed("r2026-08"), gsp: [revision(service("gsp", "r2026-08"), 9, { status: "failed" })] };
    const result = await ask("way-back", { ...situation, history, spec: { waysBack: waysBackTo("r2026-08") } });
    assert.match(text(result), /gsp: Helm has no good revision of chart 100\.0\.116\+3400/);
  });

  it("holds with changed value layers as long as Helm has the verified values", async () => {
    const waysBack = at("r2026-08").map((one) => ({
      service: one.name,
      target: { ...one, digest: "f".repeat(64) },
      problem: null,
    }));
    assert.equal((await ask("way-back", { ...situation, spec: { waysBack } })).verdict, "passed");
    const history = Object.fromEntries(
      at("r2026-08").map((one) => [one.name, [revision(one, 1, { description: "Upgrade complete" })]]),
    );
    assert.match(
      text(await ask("way-back", { ...situation, history, spec: { waysBack } })),
      /Helm no longer has the verified ones/,
    );
  });

  it("is asked of nobody on a first install, and of nobody who is not changed", async () => {
    assert.equal((await ask("way-back", { services: at("r2026-08") })).verdict, "skipped");
    assert.equal((await ask("way-back", { ...situation, services: at("r2026-08") })).verdict, "skipped");
  });

  it("of a service that cutover never verified is missing", async () => {
    assert.equal(
      (await ask("way-back", { services: at("r2026-11"), history: installed("r2026-08") })).verdict,
      "failed",
    );
  });
});

describe("drift", () => {
  const situation = {
    services: at("r2026-11"),
    history: installed("r2026-08"),
    pages: verified("r2026-08"),
    spec: { waysBack: waysBackTo("r2026-08") },
  };
  const changedTo = (more: Parameters<typeof revision>[2]) => ({
    ...situation,
    history: { ...situation.history, gsp: [revision(service("gsp", "r2026-08"), 2, more)] },
  });

  it("is none when Helm runs what was verified", async () => {
    assert.equal((await ask("drift", situation)).verdict, "passed");
  });

  it("is found for an upgrade by hand, a rollback by hand, changed values, and an uninstall", async () => {
    assert.match(
      text(await ask("drift", changedTo({ description: "Upgrade complete" }))),
      /says "Upgrade complete", which is not cutover's/,
    );
    assert.match(
      text(await ask("drift", changedTo({ description: `sha256:${"e".repeat(64)} r2026-08` }))),
      /the ledger does not know/,
    );
    assert.match(
      text(await ask("drift", changedTo({ values: { image: { tag: "1" } } }))),
      /values of revision 2 are not those/,
    );
    assert.match(
      text(await ask("drift", { ...situation, history: { ...situation.history, gsp: [] } })),
      /Helm knows no such release/,
    );
  });

  it("is none for exactly the revision that was adopted, and found for the next one by hand", async () => {
    const { digest } = service("gsp", "r2026-08");
    const known = {
      service: "gsp",
      namespace: "gsp",
      helmRelease: "gsp",
      digest,
      releaseSet: "r2026-08",
      by: "someone",
    };
    const adopted = { ...known, kind: "adopted" as const, revision: 2 };
    const at2 = changedTo({ description: "Upgrade complete" });
    const pages = [[adopted], ...situation.pages];
    assert.equal((await ask("drift", { ...at2, pages })).verdict, "passed");
    const at3 = { gsp: [revision(service("gsp", "r2026-08"), 3, { description: "Upgrade complete" })] };
    assert.match(text(await ask("drift", { ...at2, pages, history: { ...at2.history, ...at3 } })), /not cutover's/);
    const removed = { kind: "removed" as const, service: "gsp", namespace: "gsp", helmRelease: "gsp" };
    const again = [[adopted], [removed], ...situation.pages];
    assert.match(text(await ask("drift", { ...at2, pages: again })), /not cutover's/);
  });

  it("is none for what the interrupted run itself did, also when Helm wrote its error there", async () => {
    const target = at("r2026-11");
    const open = [
      attemptEntry("2.1", "r2026-11", targetsOf(target)),
      receiptEntry("check", targetsOf(target)[0] ?? null, "2.1"),
    ];
    for (const more of [{}, { status: "failed", description: "Upgrade failed: hook" }]) {
      const history = { ...situation.history, gim: [revision(service("gim", "r2026-11"), 2, more)] };
      assert.equal(
        (await ask("drift", { ...situation, history, pages: [...situation.pages, open], open: true })).verdict,
        "passed",
      );
    }
  });
});

describe("pending operations", () => {
  it("are refused with the command that recovers", async () => {
    const history = { gim: [revision(service("gim", "r2026-08"), 2, { status: "pending-upgrade" })] };
    const result = await ask("no-pending", { services: at("r2026-11"), history });
    assert.equal(result.verdict, "failed");
    assert.match(text(result), /gim\/gim\): revision 2 is pending-upgrade[^]*npm run recover -- infomart-dev/);
  });
});
