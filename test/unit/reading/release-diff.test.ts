import assert from "node:assert/strict";
import fc from "fast-check";
import { manifestDiff, valuesDiff } from "../../../model/release-diff.ts";
import { maskSecrets } from "../../../model/secret-mask.ts";

const names = { before: "old", after: "new" };
const deployment = (image: string, variables = "") => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: gim }
spec: { template: { spec: { containers: [{ name: gim, image: "${image}", env: [${variables}] }] } } }
`;
const secret = (text: string) => `
kind: Secret
apiVersion: v1
metadata: { name: gim-secrets }
data: { password: ${Buffer.from(text).toString("base64")}, user: YW5uYQ== }
`;

describe("manifest diff", () => {
  it("shows what changes, and only that", () => {
    const { patch, objects } = manifestDiff(deployment("gim:1"), deployment("gim:2"), names);
    assert.match(patch, /^--- old\n\+\+\+ new\n/);
    const changed = patch.split("\n").filter((line) => /^[+-] /.test(line));
    assert.deepEqual(
      changed.map((line) => line.replace(/\s+/g, " ")),
      ["- image: gim:1", "+ image: gim:2"],
    );
    assert.deepEqual(objects, ["Deployment gim"]);
  });

  it("is empty when only order, comments or formatting changed", () => {
    const one = `${deployment("gim:1")}---${secret("x")}`;
    const other = `# Source: chart\n${secret("x")}---\n# again${deployment("gim:1").replace("apiVersion: apps/v1\n", "")}apiVersion: apps/v1\n`;
    assert.equal(manifestDiff(one, other, names).patch, "");
  });

  it("names hooks apart: Helm's record does not hold them", () => {
    const hook = `kind: Job\nmetadata: { name: pre, annotations: { helm.sh/hook: pre-upgrade } }\n`;
    const found = manifestDiff(deployment("gim:1"), `${deployment("gim:1")}---\n${hook}`, names);
    assert.deepEqual([found.patch, found.hooks, found.objects], ["", ["Job pre"], ["Deployment gim"]]);
  });

  it("shows that a Secret changed, never what is in it", () => {
    const { patch } = manifestDiff(secret("hunter-one"), secret("hunter-two"), names);
    for (const text of ["hunter-one", "hunter-two"]) {
      assert.ok(!patch.includes(Buffer.from(text).toString("base64")));
    }
    assert.match(patch, /-  password: \(masked\)\n\+  password: \(masked, differs\)/);
    assert.doesNotMatch(patch, /[+-] {2}user/);
  });

  it("hides variables and values that sound like secrets, not those that refer to one", () => {
    const variables = (value: string) => `{ name: DB_PASSWORD, value: "${value}" }, { name: LEVEL, value: "${value}" }`;
    const { patch } = manifestDiff(deployment("g", variables("abc123")), deployment("g", variables("def456")), names);
    assert.equal(patch.match(/abc123|def456/g)?.length, 2, "only LEVEL may show its value");
    const values = valuesDiff(
      { db: { password: "p1", secretName: "s1" } },
      { db: { password: "p2", secretName: "s2" } },
      names,
    );
    assert.doesNotMatch(values, /p1|p2/);
    assert.match(values, /secretName: s1[^]*secretName: s2/);
  });

  it("a variable is compared with the one of its name when others come before it", () => {
    const one = `{ name: API_TOKEN, value: "t" }`;
    const { patch } = manifestDiff(deployment("g", one), deployment("g", `{ name: NEW, value: "n" }, ${one}`), names);
    assert.doesNotMatch(patch, /differs/);
  });

  it("a new key does not differ from what every object inherits", () => {
    const secret = (data: unknown) => ({ kind: "Secret", data });
    assert.deepEqual(maskSecrets(secret({ constructor: "c" }), secret({})), secret({ constructor: "(masked)" }));
  });

  it("no leaf of a Secret's data survives the mask, and equal sides stay equal", () => {
    const data = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 12, maxLength: 20 }), {
      maxKeys: 5,
    });
    fc.assert(
      fc.property(data, data, (before, after) => {
        const object = (content: unknown) => ({
          kind: "Secret",
          metadata: { name: "s" },
          data: content,
          stringData: content,
        });
        const text = JSON.stringify(maskSecrets(object(after), object(before)));
        for (const value of Object.values(after)) {
          if (value in after) continue;
          assert.ok(!text.includes(JSON.stringify(value)));
        }
        assert.deepEqual(maskSecrets(object(after), object(after)), maskSecrets(object(after)));
      }),
    );
  });
});
