// What happens to a running command when pulumi is interrupted or killed (facts/experiments.md 7).
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineProject, endProcesses, killAlone, type Running } from "./engine-project.ts";

describe("plugin command, pulumi interrupted", function () {
  this.timeout(120_000);
  let project: EngineProject;
  const orphans: number[] = [];
  beforeEach(async () => {
    project = await EngineProject.create();
    // The step is a child of the plugin's shell, as every step of cutover is.
    await project.write("step.sh", "echo start >> log\nsleep 4\necho end >> log\necho receipt\n");
    await project.program(`new command.local.Command("gate", { create: "sh step.sh; exit $?" });`);
  });
  afterEach(async () => {
    await waitFor(async () => (await project.read("log")).endsWith("end\n"));
    endProcesses(orphans.splice(0));
    await project.remove();
  });

  const waitFor = async (done: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 300; tries++) {
      if (await done()) return;
      await sleep(100);
    }
    assert.fail("waited 30 s in vain");
  };
  const started = async (): Promise<Running> => {
    const up = project.start("up", "--yes", "--skip-preview");
    await waitFor(async () => (await project.read("log")) === "start\n");
    return up;
  };
  const signal = (up: Running, name: NodeJS.Signals): void => {
    assert.ok(up.child.pid !== undefined && process.kill(up.child.pid, name));
  };

  it("SIGINT once: only the shell is killed, pulumi waits for the step, and the gate failed", async () => {
    const up = await started();
    signal(up, "SIGINT");
    await sleep(1000);
    assert.equal(up.child.exitCode, null, "pulumi waits while the step holds its output");
    const { code, output } = await up.ended;
    assert.equal(code, 1, output);
    assert.match(output, /signal: killed/);
    assert.equal(await project.read("log"), "start\nend\n", "the step got no signal");
    await assert.rejects(project.resource("gate"));
    assert.equal((await project.deployment()).deployment.pending_operations?.length ?? 0, 0);
  });

  it("SIGKILL: the step runs to its end, the stack stays locked with a pending create, and after cancel it runs again", async () => {
    const up = await started();
    orphans.push(...(await killAlone(up)));
    await waitFor(async () => (await project.read("log")) === "start\nend\n");
    const locked = await project.up();
    assert.notEqual(locked.code, 0);
    assert.match(locked.output, /the stack is currently locked by 1 lock/);
    assert.equal((await project.deployment()).deployment.pending_operations?.length, 1);
    await project.pulumi("cancel", "--yes");
    const again = await project.up();
    assert.equal(again.code, 0, again.output);
    assert.equal((await project.resource("gate")).outputs?.["stdout"], "receipt");
    assert.equal(await project.read("log"), "start\nend\nstart\nend\n");
  });
});
