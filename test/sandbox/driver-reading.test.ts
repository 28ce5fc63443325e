import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pageName } from "../../clients/ledger-name.ts";
import type { ResourceKind } from "../../clients/contracts.ts";
import type { Page } from "../../model/ledger.ts";
import { projectRoot } from "../../sandbox/workspace.ts";
import type { Scenario } from "./support/scenario.ts";
import { installedScenario } from "./support/runs.ts";
import { edit, pages, revisions } from "./support/world.ts";

const configMaps: ResourceKind = { version: "v1", plural: "configmaps", namespaced: true };

// The verbs that only look, by the real command line: what they say, and that they change nothing.

describe("reading a stack with cutover", function () {
  this.timeout(300_000);
  let scenario: Scenario;

  before(async () => {
    scenario = await installedScenario({
      release: "r2026-05",
      settings: { acknowledged: [], overrides: overridden() },
    });
  });

  function overridden() {
    return [
      { check: "install-order", reason: "first installation in the sandbox" },
      { check: "notes", reason: "the tests of ack say otherwise by themselves" },
    ];
  }

  function cutover(...argv: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const env = { ...scenario.workspace.environment, CUTOVER_PROJECT: scenario.workspace.directory };
    const options = { env, cwd: scenario.workspace.directory, maxBuffer: 64 * 1024 * 1024 };
    return new Promise((resolve) => {
      execFile(process.execPath, [join(projectRoot, "bin/cutover.cjs"), ...argv], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        resolve({ exitCode: typeof code === "number" ? code : 1, stdout, stderr });
      });
    });
  }
  const document = async (...argv: string[]): Promise<Record<string, unknown>> => {
    const { stdout, stderr } = await cutover(...argv, "--json");
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const stackFile = (): Promise<string> =>
    readFile(join(scenario.workspace.directory, `stacks/Pulumi.${scenario.stack}.yaml`), "utf8");
  const everything = async () => ({
    pages: await pages(scenario),
    revisions: await revisions(scenario),
    file: await stackFile(),
  });
  /** The command must leave ledger, Helm releases and stack file as they are. */
  async function withoutTrace(...argv: string[]): ReturnType<typeof cutover> {
    const before = await everything();
    const run = await cutover(...argv);
    assert.deepEqual(await everything(), before, `cutover ${argv.join(" ")} changed something`);
    return run;
  }

  it("status: verified since which run, where a rollback would go, and by --live what Helm says", async () => {
    const run = await withoutTrace("status", scenario.stack, "--live");
    assert.equal(run.exitCode, 0, run.stderr);
    assert.match(run.stdout, /gim-t100 +r2026-05 +run 1, .* ago[^]*nothing waits[^]*nobody works on it/);
    assert.match(run.stdout, /by Helm's records:[^]*gsp +revision 1 +deployed/);
    assert.doesNotMatch(run.stdout, /drift/);
    const found = await document("status", scenario.stack);
    assert.deepEqual([found["next"], found["hold"], found["problem"]], [null, null, null]);
  });

  it("history and show: the run, its gates with numbers, the backup", async () => {
    const history = await withoutTrace("history", scenario.stack);
    assert.match(history.stdout, /1 +upgrade +nothing -> r2026-05 .*1 try +passed/);
    const shown = await withoutTrace("show", scenario.stack, "1");
    assert.match(shown.stdout, /gim-t100 verify: passed[^]*gate gim-lag \(metric\): passed/);
    assert.match(shown.stdout, /backupId: infomart-dev\/gim-t100\//);
    assert.equal((await cutover("show", scenario.stack, "9")).exitCode, 2);
  });

  it("plan: nothing to do is 0", async () => {
    const run = await withoutTrace("plan", scenario.stack, "--detailed-exitcode");
    assert.equal(run.exitCode, 0, run.stdout + run.stderr);
    assert.match(run.stdout, /nothing to do[^]*\d+ unchanged/);
  });

  it("plan --release: 10, with steps, gates, diffs and preflight, and without a trace", async () => {
    const out = join(scenario.workspace.directory, "plan.json");
    const run = await withoutTrace(
      "plan",
      scenario.stack,
      "--release",
      "r2026-08",
      "--detailed-exitcode",
      "--out",
      out,
    );
    assert.equal(run.exitCode, 10, run.stdout + run.stderr);
    assert.match(run.stdout, /gim-t100 +upgrade +r2026-05 -> r2026-08/);
    assert.match(run.stdout, /gim-t100 backup +about/);
    assert.match(run.stdout, /gim-t100 gim-lag \(metric\): .*windowSeconds=3/);
    assert.match(run.stdout, /-.*100\.0\.112\.3100[^]*\+.*100\.0\.113\.3400/);
    assert.match(run.stdout, /✓ passed +render/);
    assert.match(run.stdout, /no preview: .*says r2026-05/);
    assert.match(run.stdout, /would not undo:[^]*gim-t100: schema .* stays migrated/);
    const written = JSON.parse(await readFile(out, "utf8")) as Record<string, unknown>;
    const printed = await document("plan", scenario.stack, "--release", "r2026-08");
    const stable = ({ createdAt: _at, report: _report, ...rest }: Record<string, unknown>) => rest;
    assert.deepEqual(stable(written), stable(printed));
  });

  it("plan of what the stack file says has Pulumi's counts", async () => {
    await edit(scenario, { release: "r2026-08" });
    try {
      const run = await withoutTrace("plan", scenario.stack, "--detailed-exitcode");
      assert.equal(run.exitCode, 10, run.stdout + run.stderr);
      assert.match(run.stdout, /Pulumi:\n.*\d+ to update/);
    } finally {
      await edit(scenario, { release: "r2026-05" });
    }
  });

  it("plan that is too far for one step: 15, with the stop to make", async () => {
    const run = await withoutTrace("plan", scenario.stack, "--release", "r2027-02", "--detailed-exitcode");
    assert.equal(run.exitCode, 15, run.stdout + run.stderr);
    assert.match(run.stdout, /run and verify r2026-11 first, then r2027-02/);
  });

  it("ack lets preflight's check notes pass", async () => {
    await edit(scenario, { overrides: overridden().slice(0, 1) });
    const refused = await withoutTrace("plan", scenario.stack, "--release", "r2026-08");
    assert.equal(refused.exitCode, 15);
    const named = [...refused.stdout.matchAll(/cutover ack infomart-dev ([a-z0-9-]+)/g)].map((match) => match[1] ?? "");
    assert.notEqual(named.length, 0, refused.stdout);
    for (const note of named) {
      const run = await cutover("ack", scenario.stack, note, "--reason", "read");
      assert.equal(run.exitCode, 0, run.stderr);
    }
    const { exitCode, stdout } = await withoutTrace("plan", scenario.stack, "--release", "r2026-08");
    assert.equal(exitCode, 0, stdout);
    assert.match(
      (await cutover("ack", scenario.stack, "gim-2026-8-schema")).stderr,
      /CUT-6252.*did you mean gim-2026-08-schema/,
    );
  });

  it("issue: recorded, shown by status and in the history, resolved", async () => {
    await cutover("issue", scenario.stack, "GCA is slow", "--severity", "high");
    assert.match((await cutover("status", scenario.stack)).stdout, /open issue issue-1 \(high\): GCA is slow/);
    await cutover("issue", scenario.stack, "--resolve", "issue-1", "--resolution", "more memory");
    assert.doesNotMatch((await cutover("status", scenario.stack)).stdout, /open issue/);
    const history = await cutover("history", scenario.stack, "--events");
    assert.match(history.stdout, /issue-1 resolved, high: GCA is slow; resolution: more memory/);
  });

  describe("ledger --verify", () => {
    const namespace = () => `${scenario.prefix}cutover`;
    const remove = (number: number) =>
      scenario.kubernetes.delete(configMaps, namespace(), pageName(scenario.stack, number));
    /** As somebody with rights on ConfigMaps would: a closed page is immutable, so it is deleted and made anew. */
    async function replacePage(number: number, change: (page: Page) => Page): Promise<void> {
      const name = pageName(scenario.stack, number);
      const found = await scenario.kubernetes.get(configMaps, namespace(), name);
      assert.ok(found !== null);
      const page = JSON.stringify(change(JSON.parse(found.data?.["page"] ?? "") as Page));
      const { labels = {} } = found.metadata;
      await remove(number);
      const metadata = { name, namespace: namespace(), labels };
      await scenario.kubernetes.create(configMaps, namespace(), {
        ...{ apiVersion: "v1", kind: "ConfigMap", metadata, data: { page }, immutable: true },
      });
    }

    it("is whole, and Pulumi's state knows a head of it", async () => {
      const run = await withoutTrace("ledger", scenario.stack, "--verify");
      assert.equal(run.exitCode, 0, run.stdout + run.stderr);
      assert.match(run.stdout, /every hash and every link is right[^]*the tail was not cut/);
    });

    it("finds a changed entry", async () => {
      const before = (await pages(scenario))[0] ?? assert.fail();
      await replacePage(1, (page) => JSON.parse(JSON.stringify(page).replace("passed", "failed")) as Page);
      const run = await cutover("ledger", scenario.stack, "--verify");
      await replacePage(1, () => before);
      assert.equal(run.exitCode, 20);
      assert.match(run.stdout, /damaged: page 1 \(ConfigMap ledger-infomart-dev-000001\), entry \d+, .*its content/);
    });

    it("finds a cut tail, which the chain alone cannot show", async () => {
      const last = (await pages(scenario)).length;
      for (let number = 2; number <= last; number += 1) await remove(number);
      await replacePage(1, (page) => ({ ...page, entries: page.entries.slice(0, -1) }));
      const run = await cutover("ledger", scenario.stack, "--verify");
      assert.equal(run.exitCode, 20);
      assert.match(run.stdout, /damaged: .*the tail was cut/);
      assert.equal(run.stdout.match(/damaged:/g)?.length, 1, "the chain itself is whole");
    });
  });
});
