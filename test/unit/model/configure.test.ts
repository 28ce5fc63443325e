import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  checkListOf,
  expandValues,
  judgeSetting,
  keeperOf,
  sameValue,
  type WantedSetting,
} from "../../../model/configure.ts";

const values = {
  storage: { claims: { FileOutputDirectory: { mountPath: "/rpifileoutputdir", enabled: true, size: 3 } } },
};
const directory = {
  name: "FileOutputDirectory",
  value: "${values:storage.claims.FileOutputDirectory.mountPath}",
  allowed: [],
  text: "",
};
const destination = {
  ...{ name: "FileExportLocation", text: "" },
  allowed: [
    { value: "0", meaning: "File Output Directory" },
    { value: "1", meaning: "Default FTP Location" },
  ],
};
const list = (change: Partial<Parameters<typeof checkListOf>[0]> = {}) =>
  checkListOf({ settings: [directory, destination], tenants: ["a", "b"], values, chosen: {}, ...change });

describe("the check list of tenants' settings", () => {
  it("derives the mount path from the Helm values and leaves the rest to a person, for each tenant", () => {
    const { wanted, problems } = list();
    assert.deepEqual(problems, []);
    assert.deepEqual(
      wanted.map(({ tenant, setting, value }) => [tenant, setting, value]),
      [
        ["a", "FileOutputDirectory", "/rpifileoutputdir"],
        ["b", "FileOutputDirectory", "/rpifileoutputdir"],
        ["a", "FileExportLocation", null],
        ["b", "FileExportLocation", null],
      ],
    );
  });

  it("takes what the stack file chooses, the tenant's own before everybody's", () => {
    const { wanted } = list({ chosen: { "*": { FileExportLocation: "0" }, b: { FileExportLocation: "1" } } });
    assert.deepEqual(
      wanted.slice(2).map(({ value }) => value),
      ["0", "1"],
    );
  });

  it("names what cannot be: no such value, tenant, setting or choice, and two that contradict each other", () => {
    const problem = (change: Parameters<typeof list>[0]) => list(change).problems.join("; ");
    assert.match(problem({ values: {} }), /have no storage\.claims\.FileOutputDirectory\.mountPath/);
    assert.match(problem({ chosen: { c: {} } }), /names c, which is no tenant/);
    assert.match(problem({ chosen: { "*": { Nothing: "1" } } }), /has no setting "Nothing"/);
    assert.match(problem({ chosen: { "*": { FileExportLocation: "9" } } }), /9 for a is not one of 0 \(File Output/);
    const contradiction = { "*": { FileOutputDirectory: "/fileoutputdir" } };
    assert.match(problem({ chosen: contradiction }), /wants \/fileoutputdir for a, the release set \/rpifileoutputdir/);
  });

  it("fills numbers and switches in, but no object, and nothing that every object inherits", () => {
    const at = "storage.claims.FileOutputDirectory";
    assert.deepEqual(expandValues(`\${values:${at}.size}-\${values:${at}.enabled}`, values), { value: "3-true" });
    for (const path of [at, "constructor", "__proto__.x", ""]) {
      assert.ok("problem" in expandValues(`\${values:${path}}`, values), path);
    }
  });

  it("property: a text without placeholders stays as it is", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes("${values:")),
        (text) => {
          assert.deepEqual(expandValues(text, values), { value: text });
          assert.ok(sameValue(text, text));
        },
      ),
    );
  });
});

describe("the judgement of a setting", () => {
  const wanted = (value: string | null): WantedSetting => ({
    ...{ tenant: "a", setting: "X", value, text: "" },
    allowed: value === null ? destination.allowed : [],
  });
  const judge = (value: string | null, read: string | null | undefined, attested: string | null) =>
    judgeSetting({ wanted: wanted(value), read, attested: attested === null ? null : { value: attested } });

  it("believes the database before a person", () => {
    assert.deepEqual(judge("/a", "/a", null), { state: "right", how: "read" });
    assert.deepEqual(judge("true", "True", null), { state: "right", how: "read" });
    assert.deepEqual(judge("/a", "/b", "/a"), { state: "wrong", found: "/b" });
    assert.deepEqual(judge("/a", null, "/a"), { state: "wrong", found: "not set" });
  });

  it("needs a person where nothing can be read, and takes no other value than the wanted one", () => {
    assert.equal(judge("/a", undefined, null).state, "open");
    assert.deepEqual(judge("/a", undefined, "/a"), { state: "right", how: "attested" });
    assert.deepEqual(judge("/a", undefined, "/b"), { state: "wrong", found: "/b, as attested" });
  });

  it("lets a person decide within what is allowed, about the value that is there", () => {
    assert.deepEqual(judge(null, "0", null), { state: "open", found: "0" });
    assert.equal(judge(null, undefined, "1").state, "right");
    assert.equal(judge(null, undefined, "7").state, "wrong");
    assert.equal(judge(null, null, "1").state, "right");
    assert.deepEqual(judge(null, "0", "1"), { state: "wrong", found: "0, attested was 1" });
  });

  it("property: what SQL sees to never waits for a person, whatever a person said", () => {
    const text = fc.option(fc.string(), { nil: undefined });
    const value = fc.option(fc.string(), { nil: null });
    fc.assert(
      fc.property(value, text, text, value, value, (wanted, read, write, found, said) => {
        const setting = { tenant: "a", setting: "s", value: wanted, allowed: [], text: "" };
        if (keeperOf(setting, { read, write }) === "person") return;
        const attested = said === null ? null : { value: said };
        const judged = judgeSetting({ wanted: setting, read: found, attested });
        assert.notEqual(judged.state, "open");
        assert.deepEqual(judged, judgeSetting({ wanted: setting, read: found, attested: null }));
      }),
    );
  });
});
