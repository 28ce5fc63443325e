import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectPostgres } from "../../clients/postgres.ts";
import { secrets } from "../../clients/kubernetes-kinds.ts";
import { connectKubernetes } from "../../clients/kubernetes.ts";
import { runCommand } from "../../sandbox/process/run.ts";
import { stopEverything } from "../../sandbox/process/stop.ts";
import { giveTo, serverUser } from "../../sandbox/postgres/server-user.ts";
import { startPostgres, type PostgresServer } from "../../sandbox/postgres/start-postgres.ts";
import { judgeEvidence } from "../../steps/database/backup-evidence.ts";
import { openWorkbench, type Workbench } from "./support/step-context.ts";

// A real pgBackRest backs up a real server of its own, and the backup step reads what it prints.

describe("evidence of a real pgBackRest", function () {
  this.timeout(180_000);
  let bench: Workbench;
  let directory: string;
  let server: PostgresServer;
  let config: string;

  const pgBackRest = async (...args: string[]): Promise<void> => {
    const environment = { ...process.env, PGPASSWORD: server.password };
    const user = await serverUser();
    const result = await runCommand("pgbackrest", [`--config=${config}`, "--stanza=main", ...args], {
      user,
      environment,
      workingDirectory: directory,
      timeoutMilliseconds: 120_000,
    });
    assert.equal(result.exitCode, 0, `pgbackrest ${args.join(" ")}: ${result.stdout}\n${result.stderr}`);
  };
  const judge = (name: string, maxAgeHours = 24) => {
    const command = ["pgbackrest", `--config=${config}`, "info", "--output=json"];
    const backup = { kind: "evidence", tool: "pgbackrest", command, name, maxAgeHours };
    const database = { ...bench.reference, key: "gim-evidence" };
    const spec = { service: bench.identity, database, backup, folder: "backups" };
    return judgeEvidence(bench.context(bench.request("backup", "1.1", spec)));
  };
  const pointAt = async (port: number, password: string): Promise<void> => {
    const kubernetes = await connectKubernetes();
    const facts = {
      db_hostname: "127.0.0.1",
      db_port: port,
      db_name: "postgres",
      db_username: "postgres",
      db_password: password,
    };
    const stringData = { "gim-evidence": JSON.stringify(facts) };
    await kubernetes.patch(secrets, bench.namespace, bench.reference.secret, { stringData });
  };

  before(async () => {
    bench = await openWorkbench();
    directory = await mkdtemp(join(tmpdir(), "cutover-pgbackrest-"));
    await chmod(directory, 0o755);
    await mkdir(join(directory, "logs"));
    server = await startPostgres({ directory, environment: process.env, say: () => undefined });
    const folders = ["repo", "pglog", "spool", "lock"].map((name) => join(directory, name));
    for (const folder of folders) await mkdir(folder);
    await giveTo(await serverUser(), ...folders);
    config = join(directory, "pgbackrest.conf");
    const [repo, log, spool, lock] = folders;
    const lines = [
      "[global]",
      ...[`repo1-path=${repo}`, `log-path=${log}`, `spool-path=${spool}`, `lock-path=${lock}`, "start-fast=y"],
      "repo1-retention-full=2",
      "[main]",
      ...[
        `pg1-path=${server.dataDirectory}`,
        `pg1-port=${server.port}`,
        `pg1-socket-path=${join(directory, "postgres")}`,
      ],
    ];
    await writeFile(config, `${lines.join("\n")}\n`);
    const admin = await connectPostgres(
      { host: server.host, port: server.port, user: "postgres", password: server.password, database: "postgres" },
      { applicationName: "cutover-test" },
    );
    await admin.query("alter system set archive_mode = on");
    await admin.query(
      `alter system set archive_command = 'pgbackrest --config=${config} --stanza=main archive-push %p'`,
    );
    await admin.close();
    await server.stop();
    await server.start();
    await pointAt(server.port, server.password);
  });
  after(async () => {
    await stopEverything(directory, 5_000);
    await rm(directory, { recursive: true });
    await bench.close();
  });

  it("no stanza, then a stanza without a backup: refused", async () => {
    await assert.rejects(judge("main"), /CUT-5161 pgBackRest knows no stanza main/);
    await pgBackRest("stanza-create");
    await assert.rejects(judge("main"), /CUT-5161 stanza main is not ok/);
  });

  it("a full and an incremental backup: the newest is accepted, with its identity", async () => {
    await pgBackRest("--type=full", "backup");
    const full = await judge("main");
    assert.equal(full.verdict, "passed");
    assert.match(full.summary, /full backup \d{8}-\d{6}F finished/);
    await pgBackRest("--type=incr", "backup");
    const incremental = await judge("main");
    assert.match(incremental.summary, /incr backup \d{8}-\d{6}F_\d{8}-\d{6}I/);
    assert.match(incremental.evidence?.at(-1) ?? "", /^system identifier \d{15,}$/);
  });

  it("too old, of another stanza, of another server: refused with the reason", async () => {
    await assert.rejects(judge("main", 1e-6), /CUT-5160 pgbackrest main: the newest complete backup is .* h old/);
    await assert.rejects(judge("other"), /knows no stanza other/);
    await pointAt(bench.credentials.port, bench.sandbox.database.password);
    await assert.rejects(
      judge("main"),
      /CUT-5160 pgbackrest main: its backups are of system \d+, the service's database is on \d+/,
    );
  });
});
