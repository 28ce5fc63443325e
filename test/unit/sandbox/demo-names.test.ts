import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const demo = (...argv: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, "../../../sandbox/demo/main.ts"), ...argv], {
    encoding: "utf8",
  });

describe("npm run demo", function () {
  this.timeout(30_000);

  it("a name that it does not know is refused with the one that was meant, and nothing is started", () => {
    const { status, stdout, stderr } = demo("redpont");
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /CUT-9291[^]*did you mean redpoint[^]*demos: infomart, redpoint[^]*next: npm run demo -- /);
  });

  it("names of what every object inherits are no demos, and more words are refused", () => {
    assert.match(demo("constructor").stderr, /there is no demo "constructor"/);
    assert.match(demo("redpoint", "fast").stderr, /takes no arguments, but got: fast/);
  });
});
