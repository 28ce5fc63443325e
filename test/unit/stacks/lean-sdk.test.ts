import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";

const root = path.join(import.meta.dirname, "../../..");

// In a process of its own: this one may have loaded the SDK already.
function inspect(lean: boolean): { names: string[]; runtime: string[]; loadedEarly: number; sameClass: boolean } {
  const script = `
    const load = require("node:module").createRequire(${JSON.stringify(path.join(root, "package.json"))});
    if (${lean}) load("./build/lean-sdk.cjs").useLeanSdk(${JSON.stringify(root)});
    const sdk = load("@pulumi/pulumi");
    const loadedEarly = Object.keys(load.cache).length;
    const sameClass = sdk.ComponentResource === load("@pulumi/pulumi/resource.js").ComponentResource
      && typeof sdk.automation.LocalWorkspace === "function" && typeof sdk.runtime.setMocks === "function";
    console.log(JSON.stringify({ names: Object.keys(sdk).sort(), runtime: Object.keys(sdk.runtime).sort(), loadedEarly, sameClass }));`;
  return JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })) as ReturnType<typeof inspect>;
}

describe("lean SDK", function () {
  this.timeout(60_000);

  it("exports the same names as the SDK itself, from the same modules, and loads far less", () => {
    const [lean, whole] = [inspect(true), inspect(false)];
    assert.deepEqual(lean.names, whole.names);
    assert.deepEqual(lean.runtime, whole.runtime);
    assert.ok(lean.sameClass && whole.sameClass);
    // Equal counts mean that it was not used: build/lean-sdk.cjs names another version than the installed one.
    assert.ok(lean.loadedEarly < whole.loadedEarly / 2, `${lean.loadedEarly} of ${whole.loadedEarly} modules`);
  });
});
