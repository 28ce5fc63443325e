import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beginAttempt } from "../../clients/ledger-run.ts";
import type { Receipt, StepRequest } from "../../model/step.ts";
import { readBack } from "../../steps/database/pg-dump.ts";
import { openWorkbench, type Workbench } from "./support/step-context.ts";

interface Ended {
  code: number | null;
  receipt: Receipt | null;
  stderr: string;
}

// Whole step processes, as pulumi starts them, on a real API server and a real PostgreSQL.

describe("the backup step and its worker", function () {
  this.timeout(120_000);
  let bench: Workbench;
  let spec: Record<string, unknown>;

  before(async () => {
    bench = await openWorkbench();
    await bench.database.query(
      `create table fact as select n as id, md5(n::text) || md5((n * 7)::text) as text from generate_series(1, 250000) n`,
    );
    const backup = { kind: "pgDump", jobs: 2, maxAgeHours: 24 };
    spec = { service: bench.identity, database: bench.reference, backup, folder: "backups" };
    const main = join(import.meta.dirname, "..", "..", "steps", "main.ts");
    writeFileSync(
      join(bench.root, "step.mjs"),
      `import { main } from ${JSON.stringify(main)};\nawait main({ root: process.cwd() });\n`,
    );
    await beginAttempt(bench.ledger, bench.request("preflight", "1.1"), []);
  });
  after(() => bench.close());

  function start(request: StepRequest): { child: ChildProcess; ended: Promise<Ended>; text(): string } {
    const environment = { ...process.env, PULUMI_CONFIG_PASSPHRASE: "never shown to children", CUTOVER_DEBUG: "" };
    const child = spawn(process.execPath, ["step.mjs"], {
      cwd: bench.root,
      env: environment,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.end(JSON.stringify(request));
    const ended = new Promise<Ended>((resolve) =>
      child.on("close", (code) =>
        resolve({ code, stderr, receipt: stdout === "" ? null : (JSON.parse(stdout) as Receipt) }),
      ),
    );
    return { child, ended, text: () => stderr };
  }
  const backup = (attempt: string): StepRequest => bench.request("backup", attempt, spec);
  const receipts = async (): Promise<Receipt[]> =>
    (await bench.ledger.pages())
      .flatMap((page) => page.entries)
      .flatMap((entry) => (entry.kind === "receipt" ? [entry.receipt] : []));
  const dumps = (): string[] => {
    const folder = join(bench.root, "backups", bench.stack, "gim-t100");
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  };
  const nextAttempt = async (attempt: string): Promise<void> => {
    await beginAttempt(bench.ledger, bench.request("preflight", attempt), []);
  };
  const until = async (what: string, found: () => boolean): Promise<void> => {
    for (let wait = 0; !found(); wait += 10) {
      assert.ok(wait < 20_000, `never seen: ${what}`);
      await sleep(10);
    }
  };
  /** Slows pg_dump down as a lock of another session would: the worker is surely at work. */
  const lockTable = async (): Promise<() => Promise<void>> => {
    await bench.database.query("begin; lock table fact in access exclusive mode");
    return async () => void (await bench.database.query("rollback"));
  };
  const workerPid = async (): Promise<number> => {
    const { connectKubernetes } = await import("../../clients/kubernetes.ts");
    const { leases } = await import("../../clients/kubernetes-kinds.ts");
    const { leaseStateOf } = await import("../../steps/work/lease-store.ts");
    const kubernetes = await connectKubernetes();
    const [lease] = await kubernetes.list(leases, bench.ledgerNamespace);
    return leaseStateOf(lease ?? null).holder?.pid ?? 0;
  };

  it("SIGKILL to the step: the worker goes on, the next attempt joins it, one dump", async () => {
    const release = await lockTable();
    const first = start(backup("1.1"));
    await until("the dump", () => first.text().includes("dumping"));
    first.child.kill("SIGKILL");
    await first.ended;
    await nextAttempt("1.2");
    const second = start(backup("1.2"));
    await until("the second step joining", () => second.text().includes("joined the worker that attempt 1.1 started"));
    await release();
    const { code, receipt, stderr } = await second.ended;
    assert.equal(code, 0, stderr);
    assert.equal(receipt?.verdict, "passed");
    assert.equal(receipt.attempt, "1.2");
    assert.equal(receipt.reused, true);
    assert.deepEqual(dumps(), ["1"]);
    const recorded = await receipts();
    assert.deepEqual(
      recorded.map((one) => [one.attempt, one.verdict]),
      [
        ["1.1", "passed"],
        ["1.2", "passed"],
      ],
    );
    assert.equal(recorded[0]?.facts["sha256"], recorded[1]?.facts["sha256"]);
  });

  it("a good backup of this run is kept after its files were read again, without a worker", async () => {
    await nextAttempt("1.3");
    const { code, receipt } = await start(backup("1.3")).ended;
    assert.equal(code, 0);
    assert.equal(receipt?.reused, true);
    assert.deepEqual(dumps(), ["1"]);
  });

  it("a truncated backup stops the run before the release; removed by a person, a new one is taken", async () => {
    const folder = join(bench.root, "backups", bench.stack, "gim-t100", "1");
    const data = readdirSync(folder)
      .filter((name) => name.endsWith(".dat.gz"))
      .map((name) => join(folder, name));
    const [largest = ""] = data.sort((a, b) => statSync(b).size - statSync(a).size);
    const whole = readFileSync(largest);
    truncateSync(largest, whole.length >> 1);
    await assert.rejects(readBack(folder, new AbortController().signal), /CUT-5142/);
    await nextAttempt("1.4");
    const refused = await start(backup("1.4")).ended;
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /CUT-5170 failed: the backup .* is damaged\n.*dat\.gz has \d+ bytes, had \d+/);
    // Same size, one bit changed.
    const flipped = Buffer.from(whole);
    flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
    writeFileSync(largest, flipped);
    assert.match((await start(backup("1.4")).ended).stderr, /is not the file that was written/);
    rmSync(folder, { recursive: true });
    await nextAttempt("1.5");
    const again = await start(backup("1.5")).ended;
    assert.equal(again.code, 0, again.stderr);
    assert.equal(again.receipt?.reused, undefined);
  });

  it("SIGKILL to the worker: the next attempt proves it dead, ends its pg_dump, removes its files and starts anew", async () => {
    rmSync(join(bench.root, "backups"), { recursive: true });
    const release = await lockTable();
    await nextAttempt("1.6");
    const first = start(backup("1.6"));
    await until("the dump", () => first.text().includes("dumping"));
    await until("partial files", () => dumps().includes("1.part"));
    const pid = await workerPid();
    process.kill(pid, "SIGKILL");
    const { code, stderr } = await first.ended;
    // The same step notices, takes the work over and finishes, or says that its worker is gone.
    assert.ok(code === 1, stderr);
    assert.match(stderr, /CUT-5031/);
    await nextAttempt("1.7");
    const second = start(backup("1.7"));
    await until("the second dump", () => second.text().includes("dumping"));
    await release();
    const done = await second.ended;
    assert.equal(done.code, 0, done.stderr);
    assert.match(
      JSON.stringify(done.receipt?.facts["tookOver"]),
      new RegExp(`pid ${pid} on .* is gone; ended what it left behind: .*pg_dump`),
    );
    assert.deepEqual(dumps(), ["1"]);
  });

  it("two steps at once share one worker", async () => {
    rmSync(join(bench.root, "backups"), { recursive: true });
    const release = await lockTable();
    await nextAttempt("1.8");
    const steps = [start(backup("1.8")), start(backup("1.8"))];
    await until("the dump", () => steps.some((step) => step.text().includes("dumping")));
    await until("the other joining", () => steps.some((step) => step.text().includes("joined the worker")));
    await release();
    for (const step of steps) {
      const { code, stderr } = await step.ended;
      assert.equal(code, 0, stderr);
    }
    assert.deepEqual(dumps(), ["1"]);
  });

  it("SIGTERM to the step: it says that the work goes on, and leaves no receipt of its own", async () => {
    rmSync(join(bench.root, "backups"), { recursive: true });
    const release = await lockTable();
    await nextAttempt("1.9");
    const step = start(backup("1.9"));
    await until("the dump", () => step.text().includes("dumping"));
    step.child.kill("SIGTERM");
    const { code, stderr } = await step.ended;
    assert.equal(code, 1);
    assert.match(stderr, /CUT-5021 .*SIGTERM[\s\S]*goes on in a worker of its own/);
    const pid = await workerPid();
    await release();
    await until("the worker's end", () => !existsSync(`/proc/${pid}`));
    const last = (await receipts()).at(-1);
    assert.deepEqual([last?.attempt, last?.verdict], ["1.9", "passed"]);
  });

  it("no secret in the ledger, in argv files, logs or receipts", async () => {
    const { password } = bench.credentials;
    const texts = [JSON.stringify(await bench.ledger.pages())];
    const work = join(bench.root, ".cutover", "work");
    for (const entry of readdirSync(work, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) texts.push(readFileSync(join(entry.parentPath, entry.name), "utf8"));
    }
    assert.ok(texts.length > 3);
    assert.deepEqual(
      readdirSync(join(work, bench.stack, "1-gim-t100-backup")).filter((name) => name.startsWith("login-")),
      [],
    );
    for (const text of texts) {
      assert.ok(!text.includes(password) && !text.includes("never shown"), "a secret was written down");
    }
  });

  it("a wrong password fails before the release with code and next command, and leaves nothing", async () => {
    rmSync(join(bench.root, "backups"), { recursive: true });
    process.env["CUTOVER_DATABASE_PASSWORD"] = "wrong-password";
    await nextAttempt("1.10");
    const { code, stderr } = await start(backup("1.10")).ended;
    delete process.env["CUTOVER_DATABASE_PASSWORD"];
    assert.equal(code, 1);
    assert.match(stderr, /CUT-4204[\s\S]*next:/);
    assert.doesNotMatch(stderr, /wrong-password|at .*\.ts:\d+/);
    assert.deepEqual(dumps(), []);
  });
});
