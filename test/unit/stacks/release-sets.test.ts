import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { openReleaseSets } from "../../../stacks/release-sets.ts";
import { errorText } from "./expect-error.ts";
import { createProject, type ProjectFixture } from "./fixture.ts";

describe("release sets", () => {
  let project: ProjectFixture;
  const folder = "stacks/infomart/releases/b2";
  beforeEach(() => (project = createProject()));
  afterEach(() => project.remove());
  const load = (name: string) => openReleaseSets(project.root, "infomart").load(name);
  const edit = (from: string, to: string): void => {
    const file = `${folder}/release.yaml`;
    const text = readFileSync(path.join(project.root, file), "utf8");
    assert.ok(text.includes(from), `fixture lacks ${from}`);
    project.write(file, text.replace(from, to));
  };

  it("are listed oldest first and read with their values", () => {
    const sets = openReleaseSets(project.root, "infomart");
    assert.deepEqual(sets.order, ["a1", "b2"]);
    assert.deepEqual(sets.load("b2").values.get("gim")?.["kafka"], { bootstrap: "b2" });
  });

  it("an unknown one is refused with the known ones", async () => {
    const text = await errorText("CUT-2040", () => load("b1"));
    assert.match(text, /release set b1 is unknown \(did you mean a1\?|release set b1 is unknown \(did you mean b2\?/);
    assert.match(text, /known release sets, oldest first: a1, b2/);
  });

  it("a listed one without a folder is refused", async () => {
    project.write("stacks/infomart/releases/index.yaml", "releases: [a1, b2, c3]");
    assert.match(
      await errorText("CUT-2040", () => load("c3")),
      /listed in .*index\.yaml but has no .*c3\/release\.yaml/,
    );
  });

  it("a missing chart is named with its path, version and sha256", async () => {
    rmSync(path.join(project.root, folder, "charts/gsp.tgz"));
    assert.match(
      await errorText("CUT-2042", () => load("b2")),
      /chart of gsp .*missing[\s\S]*b2\/charts\/gsp\.tgz \(version 1\.0\.0, sha256 [0-9a-f]{64}\)/,
    );
  });

  it("a changed chart is refused with both digests", async () => {
    project.write(`${folder}/charts/gsp.tgz`, "tampered");
    const text = await errorText("CUT-2043", () => load("b2"));
    const [named, found] = [...text.matchAll(/sha256 (?:named|found): ([0-9a-f]{64})/g)].map((match) => match[1]);
    assert.ok(named !== undefined && found !== undefined && named !== found);
  });

  it("a missing values file is named", async () => {
    rmSync(path.join(project.root, folder, "values/gim.yaml"));
    assert.match(await errorText("CUT-2044", () => load("b2")), /b2\/values\/gim\.yaml does not exist/);
  });

  it("values that are no map are refused with their place", async () => {
    project.write(`${folder}/values/gim.yaml`, "- a\n");
    assert.match(await errorText("CUT-2044", () => load("b2")), /b2\/values\/gim\.yaml:1:1: /);
  });

  it("a wrong field is refused with file, line and column", async () => {
    edit("schemaVersion: { from: '1', to: '2' }", "schemaVersion: { from: 1, to: '2' }");
    assert.match(
      await errorText("CUT-2041", () => load("b2")),
      /b2\/release\.yaml:\d+:\d+: roles\.gim\.schemaVersion\.from must be a text, not the number 1/,
    );
  });

  const refused: [what: string, from: string, to: string, expected: RegExp][] = [
    ["another name than its folder's", "name: b2", "name: a1", /name is a1, but the folder is called b2/],
    [
      "steps out of order",
      "[check, inventory, backup,",
      "[check, backup, inventory,",
      /steps must be in this order: check, inventory, backup, release, migrate, verify/,
    ],
    ["no verify", "migrate, verify]", "migrate]", /steps must contain verify/],
    [
      "a backup step without a backup",
      "backup: { kind: pgDump }",
      "customObjects: []",
      /the step backup needs `backup`/,
    ],
    [
      "a chart outside its folder",
      "path: charts/gsp.tgz",
      "path: ../../gsp.tgz",
      /lies outside the release set's folder/,
    ],
    ["two gates of one name", "name: gim-lag", "name: gim-pods", /two gates are called gim-pods/],
  ];
  for (const [what, from, to, expected] of refused) {
    it(`one with ${what} is refused`, async () => {
      edit(from, to);
      assert.match(await errorText("CUT-2041", () => load("b2")), expected);
    });
  }

  it("the hash covers every file", () => {
    const sets = openReleaseSets(project.root, "infomart");
    const before = sets.hash("b2");
    assert.equal(sets.hash("b2"), before);
    project.write(`${folder}/README`, "x");
    const added = sets.hash("b2");
    assert.notEqual(added, before);
    project.write(`${folder}/README`, "y");
    assert.notEqual(sets.hash("b2"), added);
  });
});
