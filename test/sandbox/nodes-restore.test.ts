import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NodeBackup } from "../../model/platform-backup.ts";
import { giveFolder } from "../../sandbox/ssh/login-user.ts";
import { backUpNodes } from "../../steps/nodes/back-up.ts";
import { restoreNodes } from "../../steps/nodes/restore.ts";
import { startNodes } from "../../steps/nodes/start.ts";
import { stopNodes } from "../../steps/nodes/stop.ts";
import { openNodes, problemOf, type NodesBench } from "./support/nodes.ts";

describe("bringing the folders of nodes back over a real SSH server", function () {
  this.timeout(120_000);
  let bench: NodesBench;
  let backups: NodeBackup[];
  let asSaved: string[];
  const allFolders = () => bench.nodes.flatMap(({ folders }) => folders);
  /** Names, types and contents of everything in a folder. */
  const contentOf = (folder: string): string =>
    execFileSync(
      "sh",
      ["-c", 'cd "$0" && find . -type f -exec sha256sum {} + | sort -k2 && find . -type d | sort', folder],
      {
        encoding: "utf8",
      },
    );
  const restore = (stamp: string, change: object = {}) =>
    restoreNodes(bench.context, { nodes: bench.settings, procedure: bench.procedure, backups, stamp, ...change });
  const file = (index: number) => {
    const backup = backups[index];
    return join(bench.root, backup?.kind === "archive" ? backup.file : assert.fail("no archive"));
  };
  const first = () => allFolders()[0] ?? assert.fail("no folder");

  before(async () => {
    bench = await openNodes("rpi-1", "rpi-2");
    writeFileSync(join(first(), "big.dat"), randomBytes(20_000_000));
    for (const one of bench.nodes) await giveFolder(one.sshd.login, one.home);
    await stopNodes(bench.context, bench.settings, bench.procedure);
    const folder = join("backups", "redpoint-prod", "platform", "3");
    const input = { nodes: bench.settings, procedure: bench.procedure, folder, acknowledged: [], run: "3" };
    backups = await backUpNodes(bench.context, input);
    asSaved = allFolders().map(contentOf);
  });
  after(() => bench.close());

  /** What v7's installer, or a person, may have done meanwhile. */
  const spoil = async (): Promise<string[]> => {
    for (const folder of allFolders()) {
      const [name = ""] = readdirSync(folder);
      rmSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, "added.txt"), "later");
    }
    for (const one of bench.nodes) await giveFolder(one.sshd.login, one.home);
    return allFolders().map(contentOf);
  };
  const beside = (folder: string): string[] =>
    readdirSync(dirname(folder)).filter((name) => name.includes(".replaced-"));

  it("all folders are as they were saved, and those of before are kept beside them", async () => {
    const spoilt = await spoil();
    const restored = await restore("20261122_1");
    assert.deepEqual(allFolders().map(contentOf), asSaved);
    assert.deepEqual(
      restored.map(({ folder, kept }) => [folder, kept]),
      allFolders().map((folder) => [folder, `${folder}.replaced-20261122_1`]),
    );
    assert.deepEqual(
      restored.map(({ kept }) => contentOf(kept ?? "")),
      spoilt,
    );
    await startNodes(bench.context, bench.settings, bench.procedure);
    assert.deepEqual(
      bench.nodes.map((one) => one.running()),
      [true, true],
    );
    await stopNodes(bench.context, bench.settings, bench.procedure);
  });

  it("a folder that is gone is made anew; nothing is kept of it", async () => {
    rmSync(first(), { recursive: true });
    const [restored] = await restore("20261122_2");
    assert.equal(restored?.kept, null);
    assert.equal(contentOf(first()), asSaved[0]);
  });

  it("while the application runs on one node no folder is touched on any", async () => {
    const spoilt = await spoil();
    await startNodes(bench.context, bench.settings.slice(1), bench.procedure);
    const problem = await problemOf(restore("20261122_3"));
    assert.equal(problem.code, "CUT-5631");
    assert.match(problem.happened, /runs on rpi-2:/);
    assert.deepEqual(allFolders().map(contentOf), spoilt);
    await stopNodes(bench.context, bench.settings, bench.procedure);
  });

  it("one damaged archive: no folder is touched; a missing one, and a node without a backup: the same", async () => {
    const spoilt = await spoil();
    const whole = readFileSync(file(3));
    const damaged = Buffer.from(whole);
    damaged[1_000] = (damaged[1_000] ?? 0) ^ 1;
    writeFileSync(file(3), damaged);
    const changed = await problemOf(restore("20261122_4"));
    assert.equal(changed.code, "CUT-5630");
    assert.match(changed.evidence?.[0] ?? "", /rpi-2\/2\.tar has another content/);
    rmSync(file(3));
    assert.match((await problemOf(restore("20261122_4"))).evidence?.[0] ?? "", /rpi-2\/2\.tar is gone/);
    writeFileSync(file(3), whole);
    const without = await problemOf(restore("20261122_4", { backups: backups.slice(0, 2) }));
    assert.deepEqual(without.evidence, ["rpi-2 is not in this backup"]);
    assert.deepEqual(allFolders().map(contentOf), spoilt);
    assert.ok(!beside(first()).some((name) => name.endsWith("20261122_4")));
  });

  it("stopped in the middle: says where everything is; called again it finishes and still keeps what was there", async () => {
    const spoilt = await spoil();
    const extract = [
      "sh",
      "-c",
      'case $1 in *wwwrpi) head -c 5000 >/dev/null; exit 2;; *) exec tar -xf - -C "$1";; esac',
    ];
    const broken = { ...bench.procedure, extract: [...extract, "sh", "${folder}"] };
    const problem = await problemOf(restore("20261122_5", { procedure: broken }));
    assert.equal(problem.code, "CUT-5633");
    const evidence = problem.evidence?.join("\n") ?? "";
    assert.match(evidence, /exit code 2/);
    assert.match(evidence, /back already: rpi-1 .*RedPoint Global/);
    const [, web = ""] = allFolders();
    assert.ok(problem.untouched?.includes(`${web}.replaced-20261122_5`), problem.untouched);
    assert.equal(contentOf(`${web}.replaced-20261122_5`), spoilt[1]);
    assert.ok(existsSync(web));
    await restore("20261122_5");
    assert.deepEqual(allFolders().map(contentOf), asSaved);
    assert.deepEqual(
      allFolders().map((folder) => contentOf(`${folder}.replaced-20261122_5`)),
      spoilt,
    );
  });

  it("a restore that leaves files out is noticed by the list", async () => {
    const extract = ["tar", "-xf", "-", "--exclude=*.config", "-C", "${folder}"];
    const problem = await problemOf(restore("20261122_6", { procedure: { ...bench.procedure, extract } }));
    assert.equal(problem.code, "CUT-5634");
    assert.ok(problem.evidence?.includes("web.config"), problem.evidence?.join("\n"));
  });

  it("VM snapshots are named, and a backup of snapshots alone is refused", async () => {
    const snapshot: NodeBackup = {
      kind: "snapshot",
      node: "rpi-2",
      id: "snap-1",
      finishedAt: "2026-11-22T00:00:00Z",
      bytes: null,
    };
    const restored = await restore("20261122_7", { backups: [...backups.slice(0, 2), snapshot] });
    assert.deepEqual(
      restored.map(({ node }) => node),
      ["rpi-1", "rpi-1"],
    );
    assert.match(bench.said.join("\n"), /rpi-2: bring VM snapshot snap-1 back where it was made/);
    const nodes = bench.settings.slice(1);
    const problem = await problemOf(restore("20261122_8", { nodes, backups: [snapshot] }));
    assert.equal(problem.code, "CUT-5630");
  });
});
