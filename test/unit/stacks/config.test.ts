import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { loadStackSettings } from "../../../stacks/config.ts";
import { schemaFile, schemaLine, stackFileSchema } from "../../../stacks/stack-schema.ts";
import { errorText } from "./expect-error.ts";
import { createProject, devLines, type ProjectFixture } from "./fixture.ts";

const repository = path.join(import.meta.dirname, "..", "..", "..");

describe("stack file", () => {
  let project: ProjectFixture;
  before(() => (project = createProject()));
  after(() => project.remove());
  const load = (lines: readonly string[]) => {
    project.stack("broken", lines);
    return loadStackSettings(project.root, "broken");
  };

  it("is read into one typed value with its defaults", () => {
    const settings = load([...devLines, '  cutover:pins: { gsp: "a1" }', "  kubernetes:context: kind"]);
    assert.equal(settings.release, "b2");
    assert.deepEqual(settings.pins, { gsp: "a1" });
    assert.equal(settings.namespaces.prefix, "");
    assert.equal(settings.backupFolder, ".cutover/backups");
  });

  it("reads a boolean that Pulumi has put in quotes when it wrote the file anew", () => {
    assert.equal(load([...devLines, '  cutover:protect: "true"']).protect, true);
    assert.equal(load([...devLines, "  cutover:protect: false"]).protect, false);
  });

  it("names line, column, the allowed keys and what was meant for an unknown key", async () => {
    const text = await errorText("CUT-2012", () =>
      load([devLines[0] ?? "", devLines[1] ?? "", "  cutover:relase: b2"]),
    );
    assert.match(
      text,
      /^CUT-2012 errored: stacks\/Pulumi\.broken\.yaml:4:3: unknown key cutover:relase \(did you mean cutover:release\?\); allowed: cutover:platform, /,
    );
    assert.match(text, /evidence: .*: cutover:release is missing; it must be a text/);
  });

  it("finds unknown keys inside lists and maps", async () => {
    const text = await errorText("CUT-2012", () =>
      load([...devLines.slice(0, 3), "  cutover:tenants:", "    - id: t100", "      uuidd: x"]),
    );
    assert.match(text, /broken\.yaml:7:7: unknown key uuidd \(did you mean uuid\?\); allowed: id, uuid/);
  });

  it("names the allowed values of a wrong value", async () => {
    const text = await errorText("CUT-2012", () =>
      load([devLines[0] ?? "", "  cutover:environment: prd", ...devLines.slice(2)]),
    );
    assert.match(
      text,
      /broken\.yaml:3:3: cutover:environment must be one of dev, staging, prod, not "prd" \(did you mean prod\?\)/,
    );
  });

  it("refuses a number where a release set's name belongs, as YAML reads 2026.10 as 2026.1", async () => {
    const lines = devLines.with(2, "  cutover:release: 2026.10");
    const text = await errorText("CUT-2012", () => load(lines));
    assert.match(
      text,
      /broken\.yaml:4:3: cutover:release must be a text, not the number 2026\.1 \(YAML reads it as a number; put it in quotes/,
    );
    assert.match(
      await errorText("CUT-2012", () => load(devLines.with(2, '  cutover:release: "2026.10"'))),
      /contains a letter/,
    );
  });

  it("lists all problems at once", async () => {
    const text = await errorText("CUT-2012", () =>
      load([...devLines, "  cutover:acknowledged: yes-all", "  cutover:protect: 1"]),
    );
    assert.match(text, /6:3: cutover:acknowledged must be a list, not "yes-all"/);
    assert.match(text, /7:3: cutover:protect must be true or false, not the number 1/);
  });

  it("catches a misspelt prefix and settings outside config:", async () => {
    assert.match(
      await errorText("CUT-2012", () => load([...devLines, "  cutovr:kafka: x"])),
      /6:3: unknown key cutovr:kafka \(did you mean cutover:kafka\?\)/,
    );
    project.write("stacks/Pulumi.outside.yaml", "release: b2\nconfig: {}\n");
    const text = await errorText("CUT-2012", () => loadStackSettings(project.root, "outside"));
    assert.match(text, /outside\.yaml:1:1: unknown key release; settings stand below config: as cutover:release/);
  });

  it("refuses a secret in clear without showing it, and a secret where none may be", async () => {
    const clear = await errorText("CUT-2013", () => load([...devLines, "  cutover:databasePassword: canary-7291"]));
    assert.match(
      clear,
      /6:3: cutover:databasePassword must not stand here in clear; .*pulumi config set --secret cutover:databasePassword/,
    );
    assert.doesNotMatch(clear, /canary-7291/);
    const wrong = await errorText("CUT-2013", () => load([...devLines, "  cutover:kafka: { secure: v1:canary-7291 }"]));
    assert.match(wrong, /6:3: cutover:kafka cannot be a secret/);
    assert.doesNotMatch(wrong, /canary-7291/);
  });

  it("leaves an encrypted password out of the settings", () => {
    const settings = load([...devLines, "  cutover:databasePassword: { secure: v1:canary-7291 }"]);
    assert.doesNotMatch(JSON.stringify(settings), /canary-7291|secure/);
  });

  it("says where the YAML is broken, and which stacks there are", async () => {
    assert.match(
      await errorText("CUT-2011", () => load([...devLines, "  cutover:kafka: [a"])),
      /broken\.yaml:7:1: not valid YAML/,
    );
    assert.match(
      await errorText("CUT-2011", () => load([...devLines, devLines[2] ?? ""])),
      /broken\.yaml:6:3: not valid YAML: .*unique/,
    );
    const missing = await errorText("CUT-2010", () => loadStackSettings(project.root, "infomart-dve"));
    assert.match(missing, /did you mean infomart-dev\?/);
  });
});

describe("the repository's stack files", () => {
  const stacks = readdirSync(path.join(repository, "stacks")).flatMap(
    (file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [],
  );

  it("are at least the three of Info Mart, short, and checked by editors", () => {
    assert.deepEqual(
      ["infomart-dev", "infomart-prod", "infomart-staging"].filter((stack) => !stacks.includes(stack)),
      [],
    );
    for (const stack of stacks) {
      const lines = readFileSync(path.join(repository, `stacks/Pulumi.${stack}.yaml`), "utf8").split("\n");
      assert.equal(lines[0], schemaLine);
      assert.ok(lines.length <= 30, `${stack} has ${lines.length} lines`);
    }
  });

  it("are valid, form a chain, and could live in one cluster", () => {
    const settings = stacks.map((stack) => loadStackSettings(repository, stack));
    assert.deepEqual(
      settings.flatMap((each) => each.lower ?? []).filter((lower) => !stacks.includes(lower)),
      [],
    );
    const prefixes = settings.map((each) => `${each.platform} ${each.namespaces.prefix}`);
    assert.equal(new Set(prefixes).size, prefixes.length);
  });

  it("have an up-to-date JSON schema (node stacks/write-schema.ts writes it)", () => {
    assert.equal(readFileSync(path.join(repository, schemaFile), "utf8"), stackFileSchema());
  });
});
