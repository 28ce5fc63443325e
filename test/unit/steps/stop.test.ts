import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError } from "../../../model/error.ts";
import { untilStopped } from "../../../steps/stop.ts";

const stop = join(import.meta.dirname, "../../../steps/stop.ts");
const script = `
import { writeFileSync } from "node:fs";
import { watchForStop } from ${JSON.stringify(stop)};
const watch = watchForStop({ parent: true, left: "rest", next: "again" });
watch.signal.addEventListener("abort", () => {
  writeFileSync(process.argv[2], watch.signal.reason.message);
  process.exit(0);
});
writeFileSync(process.argv[2] + ".pid", String(process.pid));
setTimeout(() => process.exit(3), 15000);
`;

describe("stopping", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cutover-stop-"));
    await writeFile(join(folder, "step.mjs"), script);
  });
  afterEach(() => rm(folder, { recursive: true }));
  const written = async (name: string): Promise<string> => {
    for (let wait = 0; wait < 10_000; wait += 20) {
      const text = await readFile(join(folder, name), "utf8").catch(() => "");
      if (text !== "") return text;
      await sleep(20);
    }
    throw new Error(`${name} was never written`);
  };

  it("a step ends when the process that started it was killed", async () => {
    // As pulumi's plugin does it: a shell, of which only the shell is killed.
    const command = `${process.execPath} step.mjs out; true`;
    const shell = spawn("/bin/sh", ["-c", command], { cwd: folder, stdio: "ignore" });
    await written("out.pid");
    shell.kill("SIGKILL");
    assert.match(await written("out"), /the process that started this step is gone/);
  });

  it("a step ends on SIGTERM and SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      spawn(process.execPath, ["step.mjs", signal], { cwd: folder, stdio: "ignore" });
      process.kill(Number(await written(`${signal}.pid`)), signal);
      assert.match(await written(signal), new RegExp(`stopped by ${signal}`));
    }
  });

  it("work gets time to clean up, and the stop's reason wins over what the work says", async () => {
    const controller = new AbortController();
    const reason = new CutoverError({ code: "CUT-5021", verdict: "errored", happened: "stopped by SIGTERM" });
    let cleaned = false;
    const work = async (): Promise<string> => {
      await sleep(5_000, undefined, { signal: controller.signal }).catch(() => undefined);
      await sleep(50);
      cleaned = true;
      throw new Error("the dump failed");
    };
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(untilStopped(work(), controller.signal), reason);
    assert.ok(cleaned);
    assert.equal(await untilStopped(Promise.resolve("done"), new AbortController().signal), "done");
  });
});
