import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

interface Build {
  ensureBuilt: (root: string) => string;
  currentBuild: (root: string) => string;
  requireNode: (version?: string) => void;
}
const buildFile = path.join(import.meta.dirname, "../../../build/build.cjs");
const { ensureBuilt, currentBuild, requireNode } = createRequire(import.meta.url)(buildFile) as Build;
const run = promisify(execFile);

describe("build", function () {
  this.timeout(60_000);
  let root: string;
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "cutover-build-"));
    write("package-lock.json", "{}");
    write("package.json", '{"type":"module"}');
    for (const file of ["build/build.cjs", "build/sources.cjs"]) write(file, "");
    write("model/answer.ts", "export const answer: number = 1;");
    write("stacks/program.ts", 'export { answer } from "../model/answer.ts";');
    write("stacks/toy/platform.ts", 'export const platform = { name: "toy" };');
    write("steps/main.ts", 'export const load = async () => (await import("../model/answer.ts")).answer;');
    write("automation/recover.ts", "export const main = 1;");
    write("automation/main.ts", "export const main = 1;");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const answerOf = async (folder: string): Promise<number> =>
    ((await import(pathToFileURL(path.join(folder, "program.cjs")).href)) as { answer: number }).answer;
  const builds = (): string[] => readdirSync(path.join(root, "dist")).filter((name) => /^[0-9a-f]{16}$/.test(name));

  it("writes program, step, recover and every platform, and names the build in dist/current", async () => {
    const folder = ensureBuilt(root);
    for (const file of ["program.cjs", "step.js", "recover.js", "cutover.js", "platforms/toy.js"])
      assert.ok(existsSync(path.join(folder, file)), file);
    assert.equal(await answerOf(folder), 1);
    const step = (await import(pathToFileURL(path.join(folder, "step.js")).href)) as { load(): Promise<number> };
    assert.equal(await step.load(), 1);
    assert.equal(readFileSync(path.join(root, "dist/current"), "utf8"), path.basename(folder));
    assert.equal(currentBuild(root), folder);
    assert.deepEqual(
      readdirSync(path.join(root, "dist")).filter((name) => name.startsWith(".part")),
      [],
    );
  });

  it("builds again only when a source or the lock file has changed", async () => {
    const first = ensureBuilt(root);
    assert.equal(ensureBuilt(root), first);
    write("stacks/toy/releases/r1/release.yaml", "name: r1");
    assert.equal(ensureBuilt(root), first);
    write("model/answer.ts", "export const answer: number = 2;");
    const second = ensureBuilt(root);
    assert.notEqual(second, first);
    assert.equal(await answerOf(second), 2);
    write("package-lock.json", "{ }");
    assert.equal(new Set([first, second, ensureBuilt(root)]).size, 3);
  });

  it("going back to earlier sources uses the earlier build", () => {
    const first = ensureBuilt(root);
    write("model/answer.ts", "export const answer: number = 2;");
    ensureBuilt(root);
    write("model/answer.ts", "export const answer: number = 1;");
    assert.equal(ensureBuilt(root), first);
    assert.equal(currentBuild(root), first);
  });

  it("builds when there is no current build, or when it was deleted", () => {
    const folder = currentBuild(root);
    rmSync(folder, { recursive: true });
    assert.equal(currentBuild(root), folder);
    assert.ok(existsSync(path.join(folder, "step.js")));
  });

  it("several at once end with one whole build", async () => {
    const script = `console.log(require(${JSON.stringify(buildFile)}).ensureBuilt(${JSON.stringify(root)}))`;
    const all = await Promise.all([1, 2, 3].map(() => run(process.execPath, ["-e", script])));
    const folders = new Set(all.map(({ stdout }) => stdout.trim()));
    assert.equal(folders.size, 1);
    assert.deepEqual(readdirSync(path.join(root, "dist")).sort(), [...builds(), "current"].sort());
    assert.equal(await answerOf([...folders][0] ?? ""), 1);
  });

  it("keeps three builds, and none younger than an hour goes", () => {
    const made: string[] = [];
    const buildNumber = (number: number): void => {
      write("model/answer.ts", `export const answer: number = ${number};`);
      made.push(path.basename(ensureBuilt(root)));
    };
    for (const number of [1, 2, 3, 4]) buildNumber(number);
    assert.equal(builds().length, 4);
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    for (const name of made) utimesSync(path.join(root, "dist", name), longAgo, longAgo);
    buildNumber(5);
    assert.equal(builds().length, 3);
    assert.ok(builds().includes(made.at(-1) ?? ""));
  });

  it("a source that does not compile is named with file and line, without a stack trace", () => {
    write("model/answer.ts", "export const answer = ;");
    assert.throws(
      () => ensureBuilt(root),
      (error: Error) => /^CUT-2002 [\s\S]*model\/answer\.ts:1: /.test(error.message) && error.stack === error.message,
    );
    assert.equal(existsSync(path.join(root, "dist/current")), false);
  });

  it("an unsuitable Node is refused in one sentence", () => {
    for (const version of ["18.20.0", "20.20.2", "22.17.9"]) {
      assert.throws(() => requireNode(version), {
        message: new RegExp(`^CUT-2001 cutover needs Node 22.18 or newer, but .* is ${version}: `),
      });
    }
    for (const version of ["22.18.0", "23.0.0", "24.21.0"]) requireNode(version);
  });
});
