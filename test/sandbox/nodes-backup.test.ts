import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { NodeProcedure } from "../../model/nodes.ts";
import type { NodeBackup } from "../../model/platform-backup.ts";
import type { OpenFile } from "../../steps/nodes/archive-file.ts";
import { backUpNodes } from "../../steps/nodes/back-up.ts";
import { waitFor } from "../../sandbox/process/wait-for.ts";
import { giveFolder } from "../../sandbox/ssh/login-user.ts";
import { openNodes, problemOf, type NodesBench } from "./support/nodes.ts";

/** A tar of that folder is at work on this machine. */
function tarRuns(folder: string): boolean {
  return execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).includes(`tar -cf - -C ${folder}`);
}

describe("saving the folders of nodes over a real SSH server", function () {
  this.timeout(120_000);
  let bench: NodesBench;
  let count = 0;
  let folder = "";
  const node = (index: number) => bench.nodes[index] ?? assert.fail("no such node");
  const programs = (index: number) => node(index).folders[0] ?? assert.fail("no folder");
  const save = (change: Partial<NodeProcedure> = {}, acknowledged: string[] = [], openFile?: OpenFile) =>
    backUpNodes(
      bench.context,
      {
        nodes: bench.settings,
        procedure: { ...bench.procedure, ...change },
        folder,
        acknowledged,
        run: "7",
      },
      openFile === undefined ? {} : { openFile },
    );
  const archivesOf = (backups: NodeBackup[]) =>
    backups.map((backup) => (backup.kind === "archive" ? backup : assert.fail("a snapshot")));
  /** All files of this backup on our disk. */
  const onDisk = (): string[] =>
    existsSync(join(bench.root, folder))
      ? readdirSync(join(bench.root, folder), { recursive: true, encoding: "utf8" }).filter((name) =>
          /\.\w+$/.test(name),
        )
      : [];

  before(async () => {
    bench = await openNodes("rpi-1", "rpi-2");
    writeFileSync(join(programs(0), "big.dat"), randomBytes(20_000_000));
    for (const one of bench.nodes) await giveFolder(one.sshd.login, one.home);
  });
  after(() => bench.close());
  beforeEach(() => {
    count += 1;
    folder = join("backups", "redpoint-prod", "platform", String(count));
  });

  it("streams every folder of every node into an archive that the real tar reads, with the hash of what is on the disk", async () => {
    const saved = archivesOf(await save());
    assert.deepEqual(
      saved.map(({ node: name, folder: path, file, files, unreadable }) => [name, path, file, files, unreadable]),
      [0, 1].flatMap((index) => [
        [node(index).name, programs(index), `${folder}/nodes/${node(index).name}/1.tar`, index === 0 ? 4 : 3, []],
        [node(index).name, node(index).folders[1], `${folder}/nodes/${node(index).name}/2.tar`, 2, []],
      ]),
    );
    for (const { file, sha256, bytes, folder: path } of saved) {
      const archive = join(bench.root, file);
      assert.equal(execFileSync("sha256sum", [archive], { encoding: "utf8" }).split(" ")[0], sha256);
      assert.equal(statSync(archive).size, bytes);
      assert.equal(statSync(archive).mode & 0o777, 0o600);
      execFileSync("tar", ["-df", archive, "-C", path]);
    }
    assert.deepEqual(
      onDisk().filter((name) => name.endsWith(".part")),
      [],
    );
  });

  it("tried again in the same run it keeps what is good, and makes anew what is damaged, gone or older than a new file", async () => {
    const first = archivesOf(await save());
    const path = (index: number) => join(bench.root, first[index]?.file ?? assert.fail("no archive"));
    const written = () => first.map((_, index) => statSync(path(index)).ino);
    const before = written();
    assert.deepEqual(await save(), first);
    assert.deepEqual(written(), before);
    const damaged = readFileSync(path(0));
    damaged[5_000_000] = (damaged[5_000_000] ?? 0) ^ 1;
    writeFileSync(path(0), damaged);
    rmSync(path(1));
    writeFileSync(join(node(1).folders[1] ?? "", "new.config"), "later");
    const again = archivesOf(await save());
    assert.deepEqual(
      again.map(({ files }) => files),
      [4, 2, 3, 3],
    );
    assert.equal(again[0]?.sha256, execFileSync("sha256sum", [path(0)], { encoding: "utf8" }).split(" ")[0]);
    assert.equal(written()[2], before[2]);
    assert.match(bench.said.join("\n"), /is gone or has another content: a new one is made/);
    assert.match(bench.said.join("\n"), /lacks new\.config: a new one is made/);
  });

  it("a file and a folder that may not be read are named, and nothing passes for a backup until a person accepts that", async () => {
    const file = join(programs(0), "Interaction", "appsettings.json");
    const closed = join(programs(0), "closed");
    mkdirSync(closed);
    for (const path of [file, closed]) chmodSync(path, 0);
    try {
      const problem = await problemOf(save());
      assert.equal(problem.code, "CUT-5612");
      assert.equal(problem.exitCode, 16);
      assert.match(problem.happened, /on node rpi-1 are locked or unreadable/);
      assert.ok(problem.evidence?.includes("Interaction/appsettings.json"), problem.happened);
      assert.match(problem.evidence?.join("\n") ?? "", /closed.*Permission denied/);
      assert.match(problem.next ?? "", /cutover:acknowledged: \[node-rpi-1-unreadable\]/);
      assert.deepEqual(onDisk(), []);
      assert.equal((await problemOf(save({}, ["node-rpi-2-unreadable"]))).code, "CUT-5612");
      const [first, ...others] = archivesOf(await save({}, ["node-rpi-1-unreadable"]));
      assert.ok(first?.unreadable.includes("Interaction/appsettings.json"));
      assert.deepEqual(
        others.map(({ unreadable }) => unreadable),
        [[], [], []],
      );
      // Without the acknowledgement what was accepted before is not kept either.
      assert.equal((await problemOf(save())).code, "CUT-5612");
    } finally {
      for (const path of [file, closed]) chmodSync(path, 0o755);
      rmSync(closed, { recursive: true });
    }
  });

  it("a folder that is not there is an error before any archive is begun", async () => {
    const nodes = bench.settings.map((one) => ({ ...one, folders: [join(node(0).home, "elsewhere")] }));
    const problem = await problemOf(
      backUpNodes(bench.context, { nodes, procedure: bench.procedure, folder, acknowledged: [], run: "7" }),
    );
    assert.equal(problem.code, "CUT-5610");
    assert.match(problem.evidence?.join("\n") ?? "", /No such file or directory/);
    assert.deepEqual(onDisk(), []);
  });

  it("the remote tar is killed in the middle: no archive is kept as good, the one before stays", async () => {
    const pidFile = join(node(1).home, "run", "tar-pid");
    const script = `echo $$ >${pidFile}; exec tar -cf - -C "$1" .`;
    writeFileSync(join(programs(1), "big.dat"), randomBytes(40_000_000));
    await giveFolder(node(1).sshd.login, node(1).home);
    let killed = 0;
    const openFile: OpenFile = async (path) => {
      const handle = await open(path, "w");
      if (!path.includes("/rpi-2/1.tar")) return handle;
      const write = handle.writeFile.bind(handle);
      handle.writeFile = (...content: Parameters<typeof write>) => {
        // The SSH window is far smaller than the archive: tar is still at it.
        if (killed === 0) {
          killed = Number(readFileSync(pidFile, "utf8"));
          process.kill(killed, "SIGKILL");
        }
        return write(...content);
      };
      return handle;
    };
    const problem = await problemOf(save({ archive: ["sh", "-c", script, "sh", "${folder}"] }, [], openFile));
    rmSync(join(programs(1), "big.dat"));
    assert.equal(problem.code, "CUT-5611", problem.evidence?.join("\n"));
    assert.match(problem.evidence?.[0] ?? "", /ended by a signal|end mark is missing/);
    assert.ok(killed > 0);
    assert.deepEqual(
      onDisk().sort(),
      ["1.tar", "1.tar.json", "2.tar", "2.tar.json"].map((name) => `nodes/rpi-1/${name}`),
    );
    assert.equal((await save()).length, 4);
  });

  it("an archive that is cut off although its command says that all went well is not believed", async () => {
    const archive = ["sh", "-c", 'tar -cf - -C "$1" . | head -c 100000', "sh", "${folder}"];
    const problem = await problemOf(save({ archive }));
    assert.equal(problem.code, "CUT-5611");
    assert.match(problem.evidence?.[0] ?? "", /end mark is missing \(exit code 0\)/);
    assert.deepEqual(onDisk(), []);
    const noTar = await problemOf(save({ archive: ["sh", "-c", "seq 100000"] }));
    assert.equal(noTar.code, "CUT-5611");
    assert.match(noTar.evidence?.[0] ?? "", /header/);
  });

  it("our disk is full: said so, the unfinished file is gone, the node's tar has ended", async () => {
    // The kernel's own answer: every write to /dev/full fails with ENOSPC.
    const problem = await problemOf(save({}, [], () => open("/dev/full", "w")));
    assert.equal(problem.code, "CUT-5613");
    assert.equal(problem.exitCode, 16);
    assert.match(problem.evidence?.[0] ?? "", /ENOSPC/);
    assert.match(problem.next ?? "", /cutover:backupFolder/);
    assert.deepEqual(onDisk(), []);
    assert.ok(await waitFor(async () => !tarRuns(programs(0)), { timeoutMilliseconds: 20_000 }), "tar goes on");
    assert.equal((await save()).length, 4);
  });

  it("an archive that falls silent is given up", async () => {
    const problem = await problemOf(save({ archive: ["sleep", "60"], timeoutSeconds: 1 }));
    assert.equal(problem.code, "CUT-4357");
    assert.match(problem.happened, /node rpi-1 .* was silent for 1 s/);
    assert.deepEqual(onDisk(), []);
  });

  it("the connection is cut in the middle: could not tell, and nothing is kept as good", async () => {
    const archive = ["sh", "-c", 'tar -cf - -C "$1" . | head -c 3000000; kill -9 $PPID; sleep 5', "sh", "${folder}"];
    const problem = await problemOf(save({ archive }));
    assert.equal(problem.code, "CUT-4356");
    assert.equal(problem.verdict, "errored");
    assert.deepEqual(onDisk(), []);
  });

  it("a snapshot instead: the user's command runs once per run, and its receipt must be of now", async () => {
    const runs = join(bench.root, `snapshots-${count}`);
    const script = `require("fs").appendFileSync(${JSON.stringify(runs)}, process.env.CUTOVER_NODE + "\\n");
      console.log(JSON.stringify({ id: "snap-" + process.env.CUTOVER_RUN, finishedAt: process.env.WHEN ?? new Date().toISOString() }))`;
    const snapshot = [process.execPath, "-e", script];
    const nodes = bench.settings.map((one, index) => (index === 1 ? { ...one, snapshot } : one));
    const input = { nodes, procedure: bench.procedure, folder, acknowledged: [], run: "7" };
    const saved = await backUpNodes(bench.context, input);
    assert.deepEqual(
      saved.map(({ kind }) => kind),
      ["archive", "archive", "snapshot"],
    );
    const { finishedAt, ...made } = saved[2]?.kind === "snapshot" ? saved[2] : assert.fail("no snapshot");
    assert.deepEqual(made, { kind: "snapshot", node: "rpi-2", id: "snap-7", bytes: null });
    assert.ok(Math.abs(Date.now() - Date.parse(finishedAt)) < 60_000);
    assert.deepEqual(await backUpNodes(bench.context, input), saved);
    assert.equal(readFileSync(runs, "utf8"), "rpi-2\n");
    const old = [
      process.execPath,
      "-e",
      'console.log(JSON.stringify({ id: "old", finishedAt: "2020-01-01T00:00:00Z" }))',
    ];
    for (const [command, why] of [
      [old, /not of now/],
      [[process.execPath, "-e", "console.log('done')"], /no receipt/],
      [[process.execPath, "-e", "process.exit(3)"], /exit code 3/],
    ] as const) {
      const changed = nodes.map((one) => (one.snapshot === undefined ? one : { ...one, snapshot: [...command] }));
      const problem = await problemOf(backUpNodes(bench.context, { ...input, nodes: changed, run: "8" }));
      assert.equal(problem.code, "CUT-5620");
      assert.match(problem.happened, why);
    }
  });

  it("no private key is on our disk, in progress or in a command of a node", async () => {
    await save();
    const lines = bench.nodes.map(({ sshd }) => sshd.privateKey.split("\n")[2] ?? assert.fail("no third line"));
    const texts = [bench.said.join("\n")];
    for (const entry of readdirSync(bench.root, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) texts.push(readFileSync(join(entry.parentPath, entry.name), "latin1"));
    }
    for (const one of bench.nodes) texts.push((await one.sshd.logTail(10_000)).join("\n"));
    assert.ok(texts.length > 5);
    for (const text of texts)
      for (const line of lines) assert.ok(!text.includes(line), "a private key was written down");
  });
});
