import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { childEnvironment } from "../../../clients/process-environment.ts";
import { runProcess } from "../../../clients/process.ts";
import { CutoverError } from "../../../model/error.ts";

const node = (code: string, options?: Parameters<typeof runProcess>[1]) =>
  runProcess([process.execPath, "-e", code], options);

// Not by signal 0: a dead orphan that nobody reaps still takes signals.
function isAlive(pid: number): boolean {
  const state = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
  return state !== "" && !state.startsWith("Z");
}

describe("child processes", function () {
  this.timeout(20_000);

  it("hand over input, output, lines and the exit code", async () => {
    const lines: string[] = [];
    const code =
      "process.stdin.on('data', d => { process.stdout.write('got ' + d + '\\nlast'); process.exitCode = 3; })";
    const result = await node(code, { input: "hello", onStdoutLine: (line) => lines.push(line) });
    assert.deepEqual([result.exitCode, result.stdout, lines], [3, "got hello\nlast", ["got hello", "last"]]);
  });

  it("do not see PULUMI_* nor anything that is not listed, but what they are given", async () => {
    const own = {
      PATH: "/bin",
      PULUMI_CONFIG_PASSPHRASE: "x",
      CUTOVER_DATABASE_PASSWORD: "y",
      LC_ALL: "C",
      AWS_PROFILE: "p",
    };
    assert.deepEqual(childEnvironment({ A: "1" }, own), { PATH: "/bin", LC_ALL: "C", A: "1" });
    const passing = { ...own, CUTOVER_PASS_ENVIRONMENT: "AWS_PROFILE, PULUMI_CONFIG_PASSPHRASE" };
    assert.deepEqual(childEnvironment({}, passing), { PATH: "/bin", LC_ALL: "C", AWS_PROFILE: "p" });
    const seen = await node("console.log(process.env.GIVEN)", { environment: { GIVEN: "yes" } });
    assert.equal(seen.stdout, "yes\n");
  });

  it("are stopped at the time-out with all their children, even those that ignore SIGTERM", async () => {
    const child = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log(process.pid)";
    const code = `process.on('SIGTERM', () => {}); require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`;
    const result = await node(code, { timeoutMilliseconds: 700, graceMilliseconds: 300 });
    assert.deepEqual([result.timedOut, result.endedBy, result.exitCode], [true, "SIGKILL", null]);
    const pid = Number(result.stdout);
    assert.ok(pid > 0, result.stdout);
    assert.equal(isAlive(pid), false);
  });

  it("are stopped by an abort", async () => {
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 200);
    const result = await node("setInterval(() => {}, 1000)", { signal: stop.signal });
    assert.deepEqual([result.aborted, result.endedBy], [true, "SIGTERM"]);
  });

  it("do not hold their caller when a background child keeps the pipes open", async () => {
    const code =
      "const c = require('child_process').spawn('sleep', ['8'], { stdio: 'inherit', detached: true }); console.log(c.pid); process.exit(0)";
    const result = await node(code);
    assert.equal(result.exitCode, 0);
    assert.ok(result.durationMilliseconds < 5_000);
    process.kill(Number(result.stdout), "SIGKILL");
  });

  it("keep the end of too much output and say that it was cut", async () => {
    const result = await node("for (let i = 0; i < 20000; i++) console.log('line ' + i)", { maxOutputBytes: 1000 });
    assert.ok(result.stdout.length <= 1000);
    assert.match(result.stdout, /line 19999\n$/);
    assert.equal(result.truncated, true);
  });

  it("survive a program that ends without reading its input", async () => {
    assert.equal((await node("process.exit(0)", { input: "x".repeat(5_000_000) })).exitCode, 0);
  });

  it("that do not exist give a clear error", async () => {
    await assert.rejects(runProcess(["no-such-program-anywhere"]), (error) => {
      assert.ok(error instanceof CutoverError);
      assert.equal(error.details.code, "CUT-4401");
      assert.match(error.details.happened, /no-such-program-anywhere/);
      return true;
    });
  });
});
