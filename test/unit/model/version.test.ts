import assert from "node:assert/strict";
import fc from "fast-check";
import { CutoverError } from "../../../model/error.ts";
import {
  compareVersions,
  describeRange,
  imageTagOfChart,
  judgeRange,
  majorOf,
  parseVersion,
} from "../../../model/version.ts";

const version = fc
  .record({
    numbers: fc.array(fc.nat(5000), { minLength: 1, maxLength: 4 }),
    pre: fc.option(fc.tuple(fc.constantFrom("alpha", "beta", "rc"), fc.nat(9))),
    build: fc.option(fc.nat(9999)),
  })
  .map(
    ({ numbers, pre, build }) =>
      numbers.join(".") + (pre === null ? "" : `-${pre[0]}.${pre[1]}`) + (build === null ? "" : `+${build}`),
  );

describe("versions", () => {
  it("count the build number, and as a number", () => {
    assert.equal(compareVersions("100.0.116+2900", "100.0.116+4200"), -1);
    assert.equal(compareVersions("100.0.116+10000", "100.0.116+4200"), 1);
    assert.equal(compareVersions("100.0.115+9000", "100.0.116+100"), -1);
    assert.equal(compareVersions("100.0.116+4200", "100.0.116"), 1);
  });

  it("of Kubernetes and PostgreSQL are compared by their numbers", () => {
    assert.equal(compareVersions("v1.34.4", "1.34.4"), 0);
    assert.equal(compareVersions("v1.34.4-gke.100", "v1.34.4"), 0, "a vendor's mark is no pre-release");
    assert.equal(compareVersions("v1.34.4+k3s1", "v1.34.4"), 0);
    assert.equal(compareVersions("v1.34.0-rc.1", "v1.34.0"), -1);
    assert.equal(compareVersions("15.18 (Debian 15.18-0+deb12u1)", "15.9"), 1);
    assert.equal(compareVersions("17rc1", "17"), -1);
    assert.equal(compareVersions("18devel", "17.5"), 1);
    assert.equal(majorOf("15.18 (Debian 15.18-0+deb12u1)"), 15);
  });

  it("that are none are refused with their text", () => {
    for (const text of ["", "latest", "v", "1.2x"]) {
      assert.throws(
        () => parseVersion(text),
        (error: unknown) =>
          error instanceof CutoverError && error.details.code === "CUT-3001" && error.message.includes(`"${text}"`),
      );
    }
  });

  it("are a total order", () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        assert.equal(compareVersions(a, a), 0);
        assert.equal(compareVersions(a, b) + compareVersions(b, a), 0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0);
      }),
    );
  });

  it("with a greater build number are newer, whatever stands before", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(500), { minLength: 1, maxLength: 4 }),
        fc.nat(99999),
        fc.integer({ min: 1, max: 99999 }),
        (numbers, build, more) => {
          const base = numbers.join(".");
          assert.equal(compareVersions(`${base}+${build}`, `${base}+${build + more}`), -1);
        },
      ),
    );
  });
});

describe("version ranges", () => {
  it("take a maximum as far as it is written", () => {
    assert.equal(judgeRange("15.18", { minimum: "12", maximum: "15" }), "within");
    assert.equal(judgeRange("16.0", { maximum: "15" }), "above");
    assert.equal(judgeRange("v1.34.9", { maximum: "1.34" }), "within");
    assert.equal(judgeRange("v1.34.9", { maximum: "1.34.4" }), "above");
    assert.equal(judgeRange("11.22", { minimum: "12" }), "below");
    assert.equal(judgeRange("3.9.1", {}), "within");
  });

  it("are described in words", () => {
    assert.equal(describeRange({ minimum: "12", maximum: "16" }), "at least 12 and at most 16");
    assert.equal(describeRange({}), "any version");
  });

  it("hold for their own borders and agree with the comparison", () => {
    fc.assert(
      fc.property(version, version, (own, minimum) => {
        assert.equal(judgeRange(own, { minimum: own, maximum: own }), "within");
        assert.equal(judgeRange(own, { minimum }) === "below", compareVersions(own, minimum) < 0);
      }),
    );
  });
});

describe("chart versions and image tags", () => {
  it("pair by + and .", () => {
    assert.equal(imageTagOfChart("100.0.116+4200"), "100.0.116.4200");
    assert.equal(imageTagOfChart("7.6.1"), null, "without a build number there is no rule");
  });

  it("pair one to one", () => {
    const chart = fc
      .tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(9999))
      .map(([a, b, c, n]) => `${a}.${b}.${c}+${n}`);
    fc.assert(
      fc.property(chart, chart, (left, right) => {
        assert.equal(imageTagOfChart(left) === imageTagOfChart(right), left === right);
      }),
    );
  });
});
