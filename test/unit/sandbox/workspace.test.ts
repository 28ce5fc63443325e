import assert from "node:assert/strict";
import { lstat, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sandboxEnvironment } from "../../../sandbox/environment.ts";
import { editStackFile } from "../../../sandbox/stack-file.ts";
import { createWorkspace, projectRoot } from "../../../sandbox/workspace.ts";

describe("workspace", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "cutover-workspace-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it("links folders, copies stacks/, and leaves the project untouched by an edit", async () => {
    const workspace = await createWorkspace({ directory, environment: {} }, { directory: path.join(directory, "w") });
    const kind = async (name: string) => {
      const entry = await lstat(path.join(workspace.directory, name));
      return entry.isSymbolicLink() ? "link" : entry.isDirectory() ? "folder" : "file";
    };
    assert.equal(await kind("model"), "link");
    assert.equal(await kind("node_modules"), "link");
    assert.equal(await kind("stacks"), "folder");
    assert.equal(await kind("Pulumi.yaml"), "file");
    const original = path.join(projectRoot, "stacks", "Pulumi.infomart-dev.yaml");
    const before = await readFile(original, "utf8");
    await workspace.editStack("infomart-dev", { release: "r2099-01" });
    assert.equal(await readFile(original, "utf8"), before);
    const edited = await readFile(path.join(workspace.directory, "stacks", "Pulumi.infomart-dev.yaml"), "utf8");
    assert.match(edited, /cutover:release: r2099-01/);
    await assert.rejects(lstat(path.join(workspace.directory, ".git")), /ENOENT/);
  });

  it("edits keys of a stack file, removes keys, keeps comments", async () => {
    const file = path.join(directory, "Pulumi.x.yaml");
    await writeFile(
      file,
      "# head\nconfig:\n  # why\n  cutover:release: r1-a # now\n  cutover:kafka: a:1\n  other:key: 1\n",
    );
    await editStackFile(file, { release: "r2-b", kafka: null, pins: { gsp: "r1-a" } });
    const text = await readFile(file, "utf8");
    assert.match(text, /^# head\nconfig:\n {2}# why\n {2}cutover:release: r2-b/);
    assert.match(text, /other:key: 1/);
    assert.match(text, /cutover:pins:\n {4}gsp: r1-a/);
    assert.doesNotMatch(text, /kafka/);
  });

  it("a stack file that is missing or broken is a clear error", async () => {
    await assert.rejects(editStackFile(path.join(directory, "none.yaml"), {}), /CUT-9070/);
    await writeFile(path.join(directory, "bad.yaml"), "a: [1\nb: 2");
    await assert.rejects(editStackFile(path.join(directory, "bad.yaml"), {}), /CUT-9070/);
  });

  it("lets nothing of the user's own tools into the sandbox", () => {
    const inherited = {
      PATH: "/bin",
      KUBECONFIG: "/mine",
      PULUMI_ACCESS_TOKEN: "t",
      HELM_DEBUG: "1",
      PGHOST: "h",
      LANG: "C",
    };
    const environment = sandboxEnvironment("/s", inherited);
    assert.equal(environment["LANG"], "C");
    assert.equal(environment["PATH"], "/bin");
    assert.equal(environment["KUBECONFIG"], "/s/kubeconfig");
    assert.equal(environment["PULUMI_BACKEND_URL"], "file:///s/state");
    for (const key of ["PULUMI_ACCESS_TOKEN", "HELM_DEBUG", "PGHOST"]) assert.equal(key in environment, false, key);
  });
});
