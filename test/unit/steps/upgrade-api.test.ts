import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beginAttempt } from "../../../clients/ledger-run.ts";
import { CutoverError } from "../../../model/error.ts";
import { callsOf } from "../../../model/upgrade-call.ts";
import type { Outcome } from "../../../steps/context.ts";
import { quick, run } from "../../../steps/upgrade-api/index.ts";
import { closedPort } from "../clients/loopback.ts";
import { identity, ledgerIn, stack, stepContext, type StepInput } from "./upgrade-context.ts";
import {
  goodSteps,
  oldRun,
  serveDeploymentApi,
  version,
  type Behaviour,
  type DeploymentServer,
} from "./upgrade-server.ts";

describe("the migration by one call of the upgrade API", function () {
  this.timeout(60_000);
  let folder: string;
  let server: DeploymentServer;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "cutover-upgrade-"));
    await begin("1.1");
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const begin = (attempt: string) =>
    beginAttempt(ledgerIn(folder), { attempt, stack, target: { releaseSet: "v7.6", digest: "t1" } }, []);
  const serve = async (change: Partial<Behaviour> = {}) => (server = await serveDeploymentApi(change));
  const spec = (migrate: Record<string, unknown> = {}) => ({
    service: identity,
    schemaVersion: { from: "6.7", to: version.to },
    migrate: {
      kind: "upgradeApi",
      endpoint: { service: "rpi-deploymentapi", url: server.url },
      ...{ waitTimeoutSeconds: 2, readyTimeoutSeconds: 5, timeoutSeconds: 20, ...migrate },
    },
    operationalDatabases: null,
    acknowledged: [],
  });
  const input = (more: Partial<StepInput> = {}): StepInput => ({ folder, step: "migrate", spec: spec(), ...more });
  const step = (more: Partial<StepInput> = {}): Promise<Outcome> => run(stepContext(input(more)));
  const refused = async (work: Promise<unknown>): Promise<CutoverError["details"]> => {
    const error: unknown = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof CutoverError, String(error));
    return error.details;
  };
  const closeRun = (reason: string) =>
    ledgerIn(folder).update(() => ({
      bodies: [{ kind: "closed", verdict: "failed", reason }],
      ...{ page: "current", open: false },
    }));
  const phases = async (): Promise<string[]> =>
    (await ledgerIn(folder).pages())
      .flatMap((page) => page.entries)
      .flatMap((entry) => (entry.kind === "upgradeCall" ? [entry.phase] : []));

  it("calls once, follows to the end and says from where to where", async () => {
    await serve({ stepMilliseconds: 80 });
    const said: string[] = [];
    const outcome = await step({ said });
    assert.equal(outcome.verdict, "passed");
    assert.deepEqual([outcome.facts?.["schemaBefore"], outcome.facts?.["schemaAfter"]], [version.from, version.to]);
    assert.equal(outcome.facts?.["apiMessages"], goodSteps.length);
    assert.deepEqual(server.calls, ["2"]);
    assert.deepEqual(await phases(), ["begun", "sent", "done"]);
    assert.match(said.join("\n"), /Upgrading the database/);
  });

  it("a second attempt of the run and a later run do not call again", async () => {
    await serve();
    await step();
    const again = await quick(stepContext(input({ attempt: "1.2" })));
    assert.deepEqual([again?.verdict, again?.reused], ["passed", true]);
    await closeRun("verify said no");
    await begin("2.1");
    assert.equal((await step({ attempt: "2.1" })).reused, true);
    assert.equal(server.calls.length, 1);
  });

  it("after a restore of the databases it calls again", async () => {
    await serve();
    await step();
    const ended = { stamp: "s", phase: "ended", reason: "went back", by: "me" } as const;
    await ledgerIn(folder).append({ kind: "platformRestore", id: "r", backupId: "b", ...ended });
    server.behaviour.steps = goodSteps.map((line) => line.replace("10:00:00", "11:00:00"));
    assert.equal((await step({ attempt: "1.2" })).verdict, "passed");
    assert.equal(server.calls.length, 2);
  });

  it("an old LastRunComplete is not taken for the end of this call", async () => {
    await serve({ status: "LastRunComplete", messages: oldRun, stepMilliseconds: 150 });
    const outcome = await step();
    assert.equal(outcome.verdict, "passed");
    assert.deepEqual(outcome.evidence, goodSteps);
    await server.close();
    await serve({ status: "LastRunComplete", messages: oldRun, answer: "cutWithoutWork" });
    rmSync(folder, { recursive: true });
    await begin("1.1");
    const { code, verdict } = await refused(step());
    assert.deepEqual([code, verdict], ["CUT-5709", "inconclusive"]);
  });

  it("waits longer than the API was told, when the status says that it goes on", async () => {
    await serve({ stepMilliseconds: 800 });
    assert.equal((await step({ spec: spec({ waitTimeoutSeconds: 1 }) })).verdict, "passed");
    assert.equal(server.calls.length, 1);
  });

  it("a connection cut after the call: the status is followed, the call is never made twice", async () => {
    await serve({ answer: "cut", stepMilliseconds: 200 });
    assert.equal((await step()).verdict, "passed");
    assert.equal(server.calls.length, 1);
  });

  it("a gateway's 504 is no failure of the upgrade", async () => {
    await serve({ answer: 504, worksAnyway: true, stepMilliseconds: 100 });
    assert.equal((await step()).verdict, "passed");
    assert.equal(server.calls.length, 1);
  });

  it("a call without any trace pauses, says what to look at, and is made again only after an acknowledgement", async () => {
    await serve({ answer: "cutWithoutWork" });
    const { verdict, exitCode, next = "" } = await refused(step());
    assert.deepEqual([verdict, exitCode], ["inconclusive", 19]);
    assert.match(next, /\/api\/deployment\/status.*cutover ack redpoint-dev rpi-upgrade-call-1 --reason/);
    await refused(step({ attempt: "1.2" }));
    assert.equal(server.calls.length, 1);
    await ledgerIn(folder).append({ kind: "acknowledgement", note: "rpi-upgrade-call-1", reason: "version is 6.7" });
    server.behaviour.answer = "wait";
    assert.equal((await step({ attempt: "1.3" })).facts?.["callId"], "rpi-upgrade-call-1-2");
    assert.equal(server.calls.length, 2);
  });

  it("an acknowledged call that arrived after all is followed, not repeated", async () => {
    await serve({ answer: "cutWithoutWork" });
    await refused(step());
    await ledgerIn(folder).append({ kind: "acknowledgement", note: "rpi-upgrade-call-1" });
    Object.assign(server.behaviour, { status: "LastRunComplete", messages: goodSteps });
    assert.equal((await step({ attempt: "1.2" })).verdict, "passed");
    assert.equal(server.calls.length, 1);
  });

  it("500 and LastRunFailed fail with the API's words and without its secrets; only a person lets it be called again", async () => {
    await serve({ answer: 500 });
    const first = await refused(step());
    assert.deepEqual([first.code, first.verdict], ["CUT-5706", "failed"]);
    assert.match(first.happened, /answers 500: the server says no/);
    assert.doesNotMatch(JSON.stringify(first), /s3cret/);
    const { code, verdict } = await refused(step({ attempt: "1.2" }));
    assert.deepEqual([code, verdict], ["CUT-5711", "inconclusive"]);
    assert.equal(server.calls.length, 1);
    await ledgerIn(folder).append({ kind: "acknowledgement", note: "rpi-upgrade-call-1", reason: "disk freed" });
    const steps = [...goodSteps.slice(0, 4), "Login failed: Server=x;Password=s3cret two;Encrypt=True"];
    Object.assign(server.behaviour, { answer: "wait", end: "LastRunFailed", steps });
    const second = await refused(step({ attempt: "1.3" }));
    assert.equal(second.verdict, "failed");
    assert.match(second.evidence?.join("\n") ?? "", /API: Login failed: Server=x;Password=\[redacted\];Encrypt=True/);
    assert.match(second.untouched ?? "", /called once and is never called again/);
    assert.doesNotMatch(JSON.stringify(await ledgerIn(folder).pages()), /s3cret|two;/);
  });

  it("an upgrade to another version than the image's is no success", async () => {
    await serve({ steps: goodSteps.map((line) => line.replace(version.to, "7.4.1")) });
    const { happened, verdict } = await refused(step());
    assert.equal(verdict, "failed");
    assert.match(happened, /to 7\.4\.1, not 7\.6\.20250722\.1216/);
  });

  it("a path that the API does not have is refused, and may be called after it was corrected", async () => {
    await serve();
    const wrong = spec({ upgradePath: "/api/upgrade" });
    assert.equal((await refused(step({ spec: wrong }))).code, "CUT-5707");
    assert.equal((await step({ attempt: "1.2" })).verdict, "passed");
    assert.equal(server.calls.length, 1);
  });

  it("does not call while somebody else's upgrade goes on", async () => {
    await serve({ status: "InProgress", messages: goodSteps.slice(0, 3) });
    assert.equal((await refused(step())).code, "CUT-5713");
    assert.deepEqual([server.calls.length, await phases()], [0, []]);
  });

  it("a redirect is not followed", async () => {
    await serve({ answer: 302 });
    assert.equal((await refused(step())).code, "CUT-5707");
    assert.equal(server.calls.length, 1);
  });

  it("SIGKILL in the middle of the call: the next attempt follows it", async () => {
    await serve({ stepMilliseconds: 700 });
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, "upgrade-child.ts"), JSON.stringify({ folder, spec: spec() })],
      { stdio: "ignore" },
    );
    const ended = new Promise((resolve) => child.once("close", resolve));
    for (let wait = 0; server.calls.length === 0; wait += 20) {
      assert.ok(wait < 20_000, "it never called");
      await sleep(20);
    }
    child.kill("SIGKILL");
    await ended;
    const said: string[] = [];
    const outcome = await step({ attempt: "1.2", said });
    assert.equal(outcome.verdict, "passed");
    assert.equal(server.calls.length, 1);
    assert.match(said.join("\n"), /rpi-upgrade-call-1 was made at .*following its status/);
  });

  it("an upgrade that takes longer than allowed is followed on by the next attempt", async () => {
    await serve({ stepMilliseconds: 600 });
    const short = spec({ timeoutSeconds: 1, waitTimeoutSeconds: 1 });
    const { code, verdict } = await refused(step({ spec: short }));
    assert.deepEqual([code, verdict], ["CUT-5708", "errored"]);
    assert.equal((await step({ attempt: "1.2" })).verdict, "passed");
    assert.equal(server.calls.length, 1);
  });

  it("does not call an API that is not ready, or that is not there", async () => {
    await serve({ ready: false });
    const wanting = spec({ readyTimeoutSeconds: 1 });
    assert.equal((await refused(step({ spec: wanting }))).code, "CUT-5703");
    const endpoint = { service: "x", url: `http://127.0.0.1:${await closedPort()}` };
    const gone = spec({ readyTimeoutSeconds: 1, endpoint });
    const { verdict, evidence } = await refused(step({ spec: gone }));
    assert.equal(verdict, "errored");
    assert.match(evidence?.join() ?? "", /gives no connection/);
    assert.deepEqual(await phases(), []);
    assert.equal(server.calls.length, 0);
  });

  it("a rollback never calls", async () => {
    await serve();
    const operation = { operation: "rollback" as const, targets: [], reason: "r", by: "me", answersRun: 1 };
    await closeRun("it failed");
    await ledgerIn(folder).append({ kind: "operation", id: "rollback-1", ...operation });
    await begin("3.1");
    const outcome = await quick(stepContext(input({ attempt: "3.1" })));
    assert.match(outcome?.summary ?? "", /a rollback never calls/);
    assert.equal(server.calls.length, 0);
  });

  it("of two steps at once only one calls", async () => {
    await serve({ stepMilliseconds: 150 });
    const both = await Promise.allSettled([step(), step()]);
    assert.equal(server.calls.length, 1);
    assert.equal(both.filter((one) => one.status === "fulfilled" && one.value.verdict === "passed").length, 1);
    const [call] = callsOf(await ledgerIn(folder).pages(), "rpi");
    assert.equal(call?.phase, "done");
  });
});
