import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../../sandbox/process/free-port.ts";
import { identify, isAlive } from "../../../sandbox/process/identity.ts";
import { sandboxFolderPrefix } from "../../../sandbox/process/reaper.ts";
import { markedProcesses, recordedProcesses, sandboxMarker } from "../../../sandbox/process/registry.ts";
import { startProcess } from "../../../sandbox/process/start.ts";
import { stopEverything, stopProcesses } from "../../../sandbox/process/stop.ts";
import { waitFor } from "../../../sandbox/process/wait-for.ts";

const here = import.meta.dirname;

async function sandboxFolder(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), sandboxFolderPrefix));
  await mkdir(path.join(directory, "logs"));
  return directory;
}

describe("processes of a sandbox", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await sandboxFolder();
  });
  afterEach(async () => {
    await stopEverything(directory, 100);
    await rm(directory, { recursive: true, force: true });
  });
  const startNode = (script: string, marker = "") =>
    startProcess({
      directory,
      name: "node",
      command: process.execPath,
      args: ["-e", script],
      environment: { ...process.env, ...(marker === "" ? {} : { [sandboxMarker]: marker }) },
    });

  it("a process that reuses the number of another one does not count as that one", () => {
    const us = identify(process.pid);
    assert.equal(isAlive(us), true);
    assert.equal(isAlive({ pid: us.pid, startedAt: `${us.startedAt}0` }), false);
  });

  it("keeps the output, knows the process by record, and ends it", async () => {
    const started = await startNode("console.log('ready'); setInterval(() => {}, 1000)");
    assert.ok(await waitFor(async () => (await started.logTail(1))[0] === "ready", { timeoutMilliseconds: 5000 }));
    assert.deepEqual(
      recordedProcesses(directory).map((record) => record.pid),
      [started.record.pid],
    );
    assert.deepEqual(await stopProcesses([started.record]), []);
    assert.equal(started.running(), false);
  });

  it("takes SIGKILL for a process that ignores SIGTERM", async () => {
    const started = await startNode(
      "process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000)",
    );
    assert.ok(await waitFor(async () => (await started.logTail(1))[0] === "deaf", { timeoutMilliseconds: 5000 }));
    const begun = performance.now();
    assert.deepEqual(await stopProcesses([started.record], { graceMilliseconds: 200 }), []);
    assert.ok(performance.now() - begun >= 200);
    assert.equal(started.running(), false);
  });

  // Only Linux shows the environment of other processes; elsewhere the records have to do.
  if (process.platform === "linux") {
    it("finds grandchildren that nobody recorded by the marker in their environment", async () => {
      const script =
        "require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {detached: true})";
      await startNode(script, directory);
      assert.ok(
        await waitFor(() => Promise.resolve(markedProcesses(directory).length === 2), { timeoutMilliseconds: 5000 }),
      );
      assert.deepEqual(await stopEverything(directory, 1000), []);
      assert.deepEqual(markedProcesses(directory), []);
    });
  }

  it("a command that does not exist is an error, not a process", async () => {
    const options = { directory, name: "none", command: "/nonexistent/program", args: [], environment: {} };
    await assert.rejects(startProcess(options), /ENOENT/);
  });

  it("the reaper ends everything and removes the folder after the owner was killed", async () => {
    const owner = spawn(process.execPath, [path.join(here, "reaper-owner.ts"), directory], { stdio: "ignore" });
    const recorded = () => recordedProcesses(directory);
    assert.ok(await waitFor(() => Promise.resolve(recorded().length === 1), { timeoutMilliseconds: 10_000 }));
    const [child] = recorded();
    assert.ok(child !== undefined && isAlive(child));
    // The reaper is up once it has had its own start-up time; killing earlier is covered too, since it is detached.
    owner.kill("SIGKILL");
    assert.ok(await waitFor(() => Promise.resolve(!existsSync(directory)), { timeoutMilliseconds: 10_000 }));
    assert.equal(isAlive(child), false);
  });

  it("free ports differ and can be listened on", async () => {
    const ports = await freePorts(20);
    assert.equal(new Set(ports).size, 20);
    for (const port of ports) {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("waiting gives up at once when it is in vain", async () => {
    const begun = performance.now();
    const options = { timeoutMilliseconds: 60_000, giveUp: () => true };
    assert.equal(await waitFor(() => Promise.reject(new Error("refused")), options), false);
    assert.ok(performance.now() - begun < 5000);
  });

  it("a log that is written by a dying process is read to its end", async () => {
    const started = await startNode("for (let i = 0; i < 100; i++) console.log('line ' + i)");
    while (started.running()) await sleep(20);
    assert.equal((await readFile(started.logFile, "utf8")).split("\n").length, 101);
    assert.deepEqual(await started.logTail(2), ["line 98", "line 99"]);
  });
});
