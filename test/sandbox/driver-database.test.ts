import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { openContext } from "../../automation/context.ts";
import { restoreBackup } from "../../automation/database/restore.ts";
import { openOutput } from "../../automation/output.ts";
import { deployments } from "../../clients/kubernetes-kinds.ts";
import { connectPostgres } from "../../clients/postgres.ts";
import { createRedactor } from "../../clients/redaction.ts";
import type { Postgres, ResourceKind } from "../../clients/contracts.ts";
import { checkHealthNow } from "../../steps/gates/index.ts";
import { namespaceOf, podsOf } from "./support/cluster-view.ts";
import { cutover } from "./support/driver.ts";
import { startKillable } from "./support/killed-driver.ts";
import { installedScenario } from "./support/runs.ts";
import { quickGates, type Scenario } from "./support/scenario.ts";
import { databaseSecret, edit, pages, sql } from "./support/world.ts";

// The verbs on databases, verification and export views, by the real command line. One installed scenario, told in order.

interface TakenBackups {
  backups: { id: string; folder: string; sha256: string; bytes: number; seconds: number; state?: string }[];
}
interface Restored {
  replacedDatabase: string;
  restoredFrom: string;
  lostInterval: { from: string; to: string };
}

const cronJobs: ResourceKind = { group: "batch", version: "v1", plural: "cronjobs", namespaced: true };

describe("cutover backup, restore, verify, watch and export-views", function () {
  this.timeout(240_000);
  let scenario: Scenario;
  let backupId: string;
  let rowsAtBackup: string;

  const stack = "infomart-dev";
  const rowsOf = async (): Promise<string> =>
    (await sql<{ count: string }>(scenario, "select count(*) as count from interaction_fact"))[0]?.count ?? "";
  const write = (id: number) =>
    sql(scenario, `create table if not exists written_later (id int); insert into written_later values (${id})`);
  const connect = (database: string): Promise<Postgres> => {
    const { host, port, superuser, password } = scenario.sandbox.database;
    return connectPostgres({ host, port, user: superuser, password, database }, { applicationName: "cutover-test" });
  };
  const inDatabase = async <Row>(database: string, text: string): Promise<Row[]> => {
    const connection = await connect(database);
    try {
      return await connection.query<Row>(text);
    } finally {
      await connection.close();
    }
  };
  const databases = async (like: string): Promise<string[]> =>
    (
      await sql<{ name: string }>(
        scenario,
        `select datname as name from pg_database where datname like '${like}' order by 1`,
      )
    ).map(({ name }) => name);
  const gimPods = async () =>
    (await podsOf(scenario.kubernetes, namespaceOf(scenario.prefix, "gim"))).filter(({ name }) =>
      name.startsWith("gim-t100"),
    );
  const untilHealthy = async (): Promise<void> => {
    const question = { namespace: namespaceOf(scenario.prefix, "gim"), helmRelease: "gim-t100" };
    for (let waited = 0; ; waited += 200) {
      const health = await checkHealthNow(scenario.kubernetes, question);
      if (health.verdict === "passed") return;
      assert.ok(waited < 60_000, JSON.stringify(health));
      await sleep(200);
    }
  };
  const entries = async (kind: string) =>
    (await pages(scenario)).flatMap((page) => page.entries).filter((entry) => entry.kind === kind);

  before(async () => {
    scenario = await installedScenario({
      settings: { gateSettings: { ...quickGates, "gim-failed-job-steps": { timeoutSeconds: 4 } } },
    });
  });

  afterEach(() => scenario.sandbox.simulators.clearFaults());

  describe("backup", () => {
    it("outside any run is recorded with place, size and sha256, and listed beside the run's", async () => {
      rowsAtBackup = await rowsOf();
      const taken = await cutover(scenario, "backup", stack, "--json");
      assert.equal(taken.exitCode, 0, taken.text);
      const [first] = (taken.document as TakenBackups).backups;
      assert.ok(first !== undefined && first.bytes > 0 && first.seconds > 0);
      backupId = first.id;
      const [recorded] = await entries("backup");
      assert.ok(recorded?.kind === "backup");
      assert.deepEqual([recorded.backupId, recorded.sha256, recorded.folder], [first.id, first.sha256, first.folder]);
      const listed = (await cutover(scenario, "backup", stack, "--list", "--json")).document as TakenBackups;
      assert.deepEqual(
        listed.backups.map(({ id, state }) => [id, state]),
        [
          [backupId, "there"],
          [`${stack}/gim-t100/1`, "there"],
        ],
      );
    });
  });

  describe("restore", () => {
    const restore = (...more: string[]) => cutover(scenario, "restore", stack, backupId, ...more);

    const restoring = () => startKillable(scenario, "restore", stack, backupId, "--yes");

    it("without the rights says which ones are missing, before anything is stopped", async () => {
      const before = await gimPods();
      const refused = await restore("--yes");
      assert.equal(refused.exitCode, 15, refused.text);
      assert.match(refused.text, /CUT-6303[\s\S]*ALTER ROLE gim_\S+ CREATEDB/);
      assert.deepEqual(await gimPods(), before);
      const { db_username: user } = await databaseSecret(scenario, "t100");
      await sql(scenario, `alter role "${user}" createdb`);
    });

    it("asks first: without a person and without --yes nothing happens", async () => {
      const asked = await restore();
      assert.equal(asked.exitCode, 19, asked.text);
      assert.match(asked.text, /lost to gim-t100: what was written from .* to .*[\s\S]*CUT-6314/);
      assert.deepEqual(await entries("restore"), []);
    });

    it("refuses a backup of which a file was changed, before anything is stopped", async () => {
      const [other] = ((await cutover(scenario, "backup", stack, "--json")).document as TakenBackups).backups;
      const folder = join(scenario.workspace.directory, other?.folder ?? "");
      const [name = ""] = globSync("*.dat.gz", { cwd: folder });
      const bytes = readFileSync(join(folder, name));
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      writeFileSync(join(folder, name), bytes);
      const before = await gimPods();
      const refused = await cutover(scenario, "restore", stack, other?.id ?? "", "--yes");
      assert.equal(refused.exitCode, 16, refused.text);
      assert.match(refused.text, /CUT-6302[\s\S]*is not the file that was written/);
      assert.deepEqual(await gimPods(), before);
      assert.deepEqual(await entries("restore"), []);
    });

    it("brings the rows of before back, keeps those written since in the old database, and what belongs to the database itself", async () => {
      const { db_name: database = "", db_username: owner } = await databaseSecret(scenario, "t100");
      await sql(
        scenario,
        `alter database "${database}" set search_path = public, "my schema"; alter database "${database}" connection limit 40;
         comment on database "${database}" is 'Info Mart''s own'; grant connect on database "${database}" to "${owner}"`,
      );
      await write(1);
      await sql(scenario, "delete from interaction_fact");
      const before = await gimPods();
      const done = await restore("--yes", "--json");
      assert.equal(done.exitCode, 0, done.text);
      const { replacedDatabase, restoredFrom, lostInterval } = done.document as Restored;
      assert.equal(restoredFrom, backupId);
      assert.ok(Date.parse(lostInterval.from) < Date.parse(lostInterval.to));
      assert.equal(await rowsOf(), rowsAtBackup);
      assert.deepEqual(await sql(scenario, "select to_regclass('written_later') as there"), [{ there: null }]);
      assert.deepEqual(await inDatabase(replacedDatabase, "select id from written_later"), [{ id: 1 }]);
      const properties = `select shobj_description(oid, 'pg_database') as comment, datconnlimit as limit, datacl::text as acl,
        pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding, datcollate, datctype,
        (select setconfig from pg_db_role_setting where setdatabase = d.oid and setrole = 0) as settings from pg_database d`;
      const [now] = await sql<{ settings: string[] }>(scenario, `${properties} where datname = '${database}'`);
      const [old] = await sql(scenario, `${properties} where datname = '${replacedDatabase}'`);
      assert.deepEqual(now, old);
      assert.deepEqual(now?.settings, ['search_path=public, "my schema"']);
      await untilHealthy();
      const uids = new Set(before.map(({ uid }) => uid));
      assert.ok(
        (await gimPods()).every(({ uid }) => !uids.has(uid)),
        "the service was not stopped",
      );
      const phases = (await entries("restore")).map((entry) => entry.kind === "restore" && entry.phase);
      assert.deepEqual(phases, ["begun", "stopped", "restored", "swapped", "ended"]);
    });

    for (const [at, line] of [
      ["while it restores", "restoring into"],
      ["in the swap", "swapping"],
    ] as const) {
      it(`SIGKILL ${at}: the same command finishes, and no database is lost`, async () => {
        await write(7);
        const kept = await databases("infomart%replaced%");
        const blocker = await connect("postgres");
        const running = restoring();
        try {
          if (line === "swapping") {
            // The rename waits for this lock, so that the kill surely comes in the middle.
            await running.said("comparing the rows");
            await blocker.query("begin; lock table pg_database in share row exclusive mode");
          }
          await running.said(line);
          if (line === "swapping") await sleep(300);
        } finally {
          await running.kill();
          await blocker.close();
        }
        assert.deepEqual(await gimPods(), [], "the service runs in the middle of a restore");
        const again = await restore("--yes", "--json");
        assert.equal(again.exitCode, 0, again.text);
        assert.match(again.text, /going on with the interrupted restore/);
        const { replacedDatabase } = again.document as Restored;
        assert.equal(await rowsOf(), rowsAtBackup);
        assert.deepEqual(await inDatabase(replacedDatabase, "select id from written_later"), [{ id: 7 }]);
        assert.deepEqual(await databases("infomart%restore%"), [], "a half restored database was left");
        assert.deepEqual(await databases("infomart%replaced%"), [...kept, replacedDatabase].sort());
        await untilHealthy();
      });
    }

    it("taken back by --undo before the swap: the old database is as it was and the service runs", async () => {
      await write(9);
      const running = restoring();
      try {
        await running.said("restoring into");
      } finally {
        await running.kill();
      }
      const undone = await restore("--undo");
      assert.equal(undone.exitCode, 0, undone.text);
      assert.deepEqual(await sql(scenario, "select id from written_later"), [{ id: 9 }]);
      assert.deepEqual(await databases("infomart%restore%"), []);
      await untilHealthy();
    });

    it("for a rollback: the service is left stopped, and asked again after a crash of its caller nothing is done twice", async () => {
      const { directory, environment } = scenario.workspace;
      process.env["PATH"] = environment["PATH"] ?? process.env["PATH"];
      const output = openOutput({ json: true, color: false, redactor: createRedactor() });
      const context = openContext({ root: directory, output, arguments: {}, options: { yes: true } });
      try {
        const input = { stack, service: "gim-t100", backupId, leaveStopped: true };
        const first = await restoreBackup(context, input);
        assert.deepEqual(await gimPods(), []);
        assert.equal(first.restoredFrom, backupId);
        assert.deepEqual(await restoreBackup(context, input), first);
        assert.equal(await rowsOf(), rowsAtBackup);
      } finally {
        context.close();
      }
      const namespace = namespaceOf(scenario.prefix, "gim");
      await scenario.kubernetes.patch(deployments, namespace, "gim-t100", { spec: { replicas: 1 } });
      await untilHealthy();
    });

    it("removes a replaced database only when asked, and only such a one", async () => {
      const { db_name: database = "" } = await databaseSecret(scenario, "t100");
      const [oldest = "", ...others] = await databases("infomart%replaced%");
      const wrong = await cutover(scenario, "restore", stack, "--drop-replaced", database, "--yes");
      assert.equal(wrong.exitCode, 2, wrong.text);
      assert.match(wrong.text, /CUT-6312/);
      const unasked = await cutover(scenario, "restore", stack, "--drop-replaced", oldest);
      assert.equal(unasked.exitCode, 19, unasked.text);
      const dropped = await cutover(scenario, "restore", stack, "--drop-replaced", oldest, "--yes");
      assert.equal(dropped.exitCode, 0, dropped.text);
      assert.deepEqual(await databases("infomart%replaced%"), others);
    });

    it("leaves no password in the ledger or in what it printed", async () => {
      const { db_password: password = "" } = await databaseSecret(scenario, "t100");
      assert.ok(password.length > 8);
      assert.ok(!JSON.stringify(await pages(scenario)).includes(password));
      const list = await cutover(scenario, "backup", stack, "--list");
      assert.ok(!list.text.includes(password));
      assert.deepEqual(globSync(".cutover/**/login-*", { cwd: scenario.workspace.directory }), []);
    });
  });

  describe("verify", () => {
    const figure = (value: number, more: Record<string, unknown> = {}) =>
      edit(scenario, { performance: [{ name: "latency", service: "gim", query: `vector(${value})`, ...more }] });
    const verdicts = async () =>
      (await entries("verification")).map((entry) => entry.kind === "verification" && entry.verdict);

    it("passes while all gates pass, and records it", async () => {
      await untilHealthy();
      const run = await cutover(scenario, "verify", stack, "--json");
      assert.equal(run.exitCode, 0, run.text);
      assert.deepEqual(await verdicts(), ["passed"]);
    });

    it("fails and records it when a metric is bad", async () => {
      await scenario.sandbox.simulators.setFaults([
        { application: "gim", namespace: `${scenario.prefix}gim`, fault: "failedJobSteps" },
      ]);
      await sleep(2_500); // until Prometheus has seen it
      const run = await cutover(scenario, "verify", stack, "--service", "gim-t100");
      assert.equal(run.exitCode, 1, run.text);
      assert.match(run.text, /gim-failed-job-steps/);
      assert.deepEqual(await verdicts(), ["passed", "failed"]);
    });

    it("--baseline: open without one, then compared with it and with the limits", async () => {
      await sleep(2_500); // until Prometheus sees the metric well again
      await figure(100, { tolerancePercent: 10 });
      const verify = (...more: string[]) => cutover(scenario, "verify", stack, "--service", "gim-t100", ...more);
      const open = await verify("--baseline");
      assert.equal(open.exitCode, 19, open.text);
      assert.equal((await verify("--record-baseline")).exitCode, 0);
      const [baseline] = await entries("baseline");
      assert.ok(baseline?.kind === "baseline");
      assert.deepEqual(baseline.figures, { latency: 100 });
      await figure(109, { tolerancePercent: 10 });
      const good = await verify("--baseline");
      assert.equal(good.exitCode, 0, good.text);
      await figure(111, { tolerancePercent: 10 });
      const worse = await verify("--baseline");
      assert.equal(worse.exitCode, 1, worse.text);
      assert.match(worse.text, /latency is 111, was 100/);
      assert.equal((await entries("baseline")).length, 1, "a bad figure became the baseline");
    });
  });

  describe("watch", () => {
    it("renders the objects, applies them, their command verifies, and after its time suspends its CronJob", async () => {
      await edit(scenario, { performance: [] });
      const rendered = await cutover(scenario, "watch", stack, "--for", "3d", "--image", "registry.example/cutover:1");
      assert.equal(rendered.exitCode, 0, rendered.text);
      const kinds = parseAllDocuments(rendered.text.slice(0, rendered.text.lastIndexOf("\n\n"))).map(
        (document) => (document.toJS() as { kind: string }).kind,
      );
      assert.ok(kinds.includes("CronJob") && kinds.includes("Role"), kinds.join());
      for (const turn of ["created", "replaced"]) {
        const applied = await cutover(scenario, "watch", stack, "--for", "3d", "--apply");
        assert.equal(applied.exitCode, 0, applied.text);
        assert.match(applied.text, new RegExp(`CronJob .*: ${turn}`));
      }
      const namespace = `${scenario.prefix}cutover`;
      const name = `cutover-watch-${stack}`;
      const cronJob = await scenario.kubernetes.get(cronJobs, namespace, name);
      const spec = cronJob?.spec as unknown as {
        jobTemplate: { spec: { template: { spec: { containers: { command: string[] }[] } } } };
      };
      const [program = "", ...argv] = spec.jobTemplate.spec.template.spec.containers[0]?.command ?? [];
      const { stdout } = await promisify(execFile)(program === "node" ? process.execPath : program, argv, {
        cwd: scenario.workspace.directory,
        env: { ...scenario.workspace.environment, CUTOVER_PROJECT: scenario.workspace.directory },
      });
      assert.equal((JSON.parse(stdout) as { verdict: string }).verdict, "passed");
      const count = (await entries("verification")).length;
      const late = await cutover(
        scenario,
        "verify",
        stack,
        "--until",
        "2026-01-01T00:00:00Z",
        "--cron-job",
        `${namespace}/${name}`,
      );
      assert.equal(late.exitCode, 0, late.text);
      assert.equal((await scenario.kubernetes.get(cronJobs, namespace, name))?.spec?.["suspend"], true);
      assert.equal((await entries("verification")).length, count, "a verification after the watch's end");
    });
  });

  describe("export-views", () => {
    const views = async () =>
      (
        await sql<{ name: string }>(
          scenario,
          "select relname as name from pg_class where relkind = 'v' and relname like 'export%'",
        )
      ).length;

    it("renews the views by the vendor's job and reminds of schema and import", async () => {
      const before = await views();
      const run = await cutover(scenario, "export-views", stack);
      assert.equal(run.exitCode, 0, run.text);
      assert.ok((await views()) > before, run.text);
      assert.match(run.text, /remember: .*target schema[\s\S]*remember: .*import/);
      assert.ok(
        (await entries("note")).some(
          (entry) => entry.kind === "note" && entry.text.includes("export views of gim-t100"),
        ),
      );
    });

    it("refuses while the upgrade that the stack file asks for is not verified", async () => {
      await edit(scenario, { release: "r2026-11" });
      const run = await cutover(scenario, "export-views", stack);
      assert.equal(run.exitCode, 19, run.text);
      assert.match(run.text, /CUT-6328/);
    });
  });
});
