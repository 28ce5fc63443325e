import assert from "node:assert/strict";
import fc from "fast-check";
import { adoptedResources, type PreviewStep, type StateResource } from "../../../model/adopted-state.ts";
import { adoptionProblems, differingPaths, type FoundRelease } from "../../../model/adoption.ts";
import type { ResolvedService } from "../../../model/service.ts";

const manifest = "kind: ConfigMap\nmetadata:\n  name: a\ndata:\n  level: info\n";
const service = {
  ...{ name: "gsp", releaseSet: "r2026-08" },
  chart: { path: "releases/r2026-08/charts/gsp-1.2.3+4.tgz", version: "1.2.3+4", sha256: "" },
  values: { image: { tag: "4" }, password: "wanted-secret" },
} as unknown as ResolvedService;
const found: FoundRelease = {
  ...{ revision: 1, status: "deployed", chartName: "gsp", chartVersion: "1.2.3+4", manifest },
  values: { password: "wanted-secret", image: { tag: "4" } },
};

describe("what may be adopted", () => {
  it("is what equals the release set, whatever the order and the comments of its manifest", () => {
    assert.deepEqual(adoptionProblems(service, found, `# Source: x\n---\n${manifest}`), []);
  });

  it("is not another chart, status, value or object, and no secret is named", () => {
    const say = (more: Partial<FoundRelease>, rendered = manifest) =>
      adoptionProblems(service, { ...found, ...more }, rendered).join("\n");
    assert.match(say({ status: "pending-upgrade" }), /Helm says pending-upgrade/);
    assert.match(say({ chartVersion: "1.2.2" }), /chart gsp 1.2.2 runs, r2026-08 has gsp 1.2.3\+4/);
    assert.match(say({ chartName: "gca" }), /chart gca/);
    assert.equal(
      say({ values: { image: { tag: 4 }, password: "other-secret" } }),
      "gsp: values differ at image.tag\ngsp: values differ at password",
    );
    assert.match(
      say({}, manifest.replace("info", "debug")),
      /manifest -\s+level: info\ngsp: manifest \+\s+level: debug/,
    );
  });

  it("names a path exactly when two values differ", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        assert.deepEqual(differingPaths(one, structuredClone(one)), []);
        assert.equal(
          differingPaths(one, other).length > 0,
          JSON.stringify(one) !== JSON.stringify(other) && !same(one, other),
        );
      }),
    );
  });
});

const same = (one: unknown, other: unknown): boolean => {
  try {
    assert.deepEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
    return true;
  } catch {
    return false;
  }
};

const urn = (rest: string) => `urn:pulumi:dev::cutover::${rest}`;
const stack = urn("pulumi:pulumi:Stack::cutover-dev");
const platform = urn("cutover:index:Platform::infomart");
const release = urn("cutover:index:Platform$kubernetes:helm.sh/v3:Release::gsp");
const check = urn("command:local:Command::gsp-check");
const provider = urn("pulumi:providers:kubernetes::default_4_32_0");
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const inputs = { name: "gsp", namespace: "ns", chart: "gsp.tgz" };
const create = (newState: StateResource): PreviewStep => ({ op: "create", urn: newState.urn, newState });
const steps = (given: Record<string, unknown> = inputs): PreviewStep[] => [
  create({ urn: stack, type: "pulumi:pulumi:Stack", custom: false }),
  create({ urn: platform, type: "cutover:index:Platform", custom: false, parent: stack }),
  create({ urn: check, type: "command:local:Command", custom: true, parent: platform }),
  create({
    ...{ urn: release, type: "kubernetes:helm.sh/v3:Release", custom: true, parent: platform, protect: true },
    ...{ provider: `${provider}::${unknown}`, dependencies: [check], inputs: given },
  }),
];

describe("the state of an adopted release", () => {
  it("has parents and provider before it, the declared inputs, Helm's id, and nothing that does not exist", () => {
    const added = adoptedResources([], steps(), [release], () => "made");
    assert.deepEqual(
      added.map((one) => one.urn),
      [stack, platform, provider, release],
    );
    const [, , madeProvider, adopted] = added;
    assert.deepEqual(madeProvider?.inputs, { version: "4.32.0" });
    assert.equal(adopted?.id, "ns/gsp");
    assert.equal(adopted?.provider, `${provider}::made`);
    assert.deepEqual(adopted?.inputs, inputs);
    assert.deepEqual(adopted?.dependencies, []);
    assert.equal(adopted?.["protect"], true);
  });

  it("uses what the state has already", () => {
    const first = adoptedResources([], steps(), [release], () => "first").slice(0, 3);
    const added = adoptedResources(first, steps(), [release], () => "second");
    assert.deepEqual(
      added.map(({ urn: one, provider: by }) => [one, by]),
      [[release, `${provider}::first`]],
    );
  });

  it("is refused when an input is secret or not known, or the program declares no such release", () => {
    const made = () => "made";
    assert.throws(
      () => adoptedResources([], steps({ ...inputs, values: { a: "[secret]" } }), [release], made),
      /known/,
    );
    assert.throws(() => adoptedResources([], steps({ ...inputs, chart: unknown }), [release], made), /known/);
    assert.throws(() => adoptedResources([], [], [release], made), /does not create/);
  });
});
