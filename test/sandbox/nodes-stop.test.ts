import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ssh2 from "ssh2";
import { fingerprint, parseHostKey } from "../../model/nodes/host-key.ts";
import { run as quiesce } from "../../steps/quiesce.ts";
import { startNodes } from "../../steps/nodes/start.ts";
import { redactText } from "../../steps/redaction.ts";
import { openNodes, problemOf, type NodesBench } from "./support/nodes.ts";

describe("stopping and starting nodes over a real SSH server", function () {
  this.timeout(120_000);
  let bench: NodesBench;
  const modes = (mode: "inPlace" | "clone") => {
    const connection = { namespace: "rpi", secret: "operations", key: "connection" };
    return { provider: "sqlserver", mode, server: { connection }, backupFolder: "D:\\backups" };
  };
  const quiesceAll = (change: object = {}) =>
    quiesce(
      bench.withSpec({
        nodes: bench.settings,
        procedure: bench.procedure,
        operationalDatabases: modes("inPlace"),
        ...change,
      }),
    );
  const node = (index: number) => bench.nodes[index] ?? assert.fail("no such node");
  const running = () => bench.nodes.map((one) => one.running());
  const calls = () => bench.nodes.map((one) => one.calls().join(" "));
  /** The settings with one field of the second node changed. */
  const second = (change: object) => bench.settings.map((one, index) => (index === 1 ? { ...one, ...change } : one));

  before(async () => {
    bench = await openNodes("rpi-1", "rpi-2");
  });
  after(() => bench.close());
  beforeEach(async () => {
    await startNodes(bench.context, bench.settings, bench.procedure);
    for (const one of bench.nodes) rmSync(join(one.home, "run", "calls"), { force: true });
    assert.deepEqual(running(), [true, true]);
  });

  it("users are logged out on one node, then all are stopped and say so; again it finds them stopped", async () => {
    const first = await quiesceAll();
    assert.equal(first.verdict, "passed");
    assert.equal(first.summary, "2 of 2 nodes stopped");
    assert.deepEqual(running(), [false, false]);
    assert.deepEqual(calls(), ["enter stop", "stop"]);
    const again = await quiesceAll();
    assert.equal(again.summary, "all 2 nodes were stopped already");
    assert.deepEqual(calls(), ["enter stop", "stop"]);
    assert.deepEqual(again.facts?.["alreadyStopped"], ["rpi-1", "rpi-2"]);
  });

  it("startNodes starts what is stopped, leaves maintenance mode, and does nothing twice", async () => {
    await quiesceAll();
    const started = await startNodes(bench.context, bench.settings, bench.procedure);
    assert.deepEqual(started, [
      { node: "rpi-1", was: "stopped" },
      { node: "rpi-2", was: "stopped" },
    ]);
    assert.deepEqual(running(), [true, true]);
    assert.deepEqual(calls(), ["enter stop start leave", "stop start"]);
    const again = await startNodes(bench.context, bench.settings, bench.procedure);
    assert.deepEqual(
      again.map(({ was }) => was),
      ["running", "running"],
    );
    assert.deepEqual(calls(), ["enter stop start leave leave", "stop start"]);
  });

  it("on clones v6 runs on, and no node is even asked", async () => {
    const logs = await node(0).sshd.logTail(1_000);
    const outcome = await quiesceAll({ operationalDatabases: modes("clone") });
    assert.equal(outcome.verdict, "skipped");
    assert.equal(outcome.summary, "v6 runs on: this stack works on clones");
    assert.deepEqual(await node(0).sshd.logTail(1_000), logs);
    assert.deepEqual(running(), [true, true]);
  });

  it("a node with another host key: nobody logs in, both fingerprints are shown, no other node is stopped", async () => {
    const other = `${ssh2.utils.generateKeyPairSync("ed25519").public}`;
    const problem = await problemOf(quiesceAll({ nodes: second({ hostKey: other }) }));
    assert.equal(problem.code, "CUT-4353");
    assert.equal(problem.verdict, "failed");
    assert.match(problem.happened, /rpi-2 \(127\.0\.0\.1:\d+\) has another host key/);
    const evidence = problem.evidence?.join("\n") ?? "";
    assert.ok(evidence.includes(fingerprint(parseHostKey(other).bytes)), evidence);
    assert.ok(evidence.includes(fingerprint(parseHostKey(node(1).sshd.hostKey).bytes)), evidence);
    assert.deepEqual(running(), [true, true]);
    assert.deepEqual(calls(), ["", ""]);
  });

  it("a pinned key of a type that the server does not have is another host key, not a puzzle", async () => {
    const other = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 }).public;
    const problem = await problemOf(quiesceAll({ nodes: second({ hostKey: other }) }));
    assert.equal(problem.code, "CUT-4353");
    assert.match(
      problem.evidence?.join("\n") ?? "",
      /stack file has ecdsa-sha2-nistp256 .*\n.*server has ssh-ed25519 /,
    );
  });

  it("a login key that the node does not know is refused, and is not shown", async () => {
    const stranger = ssh2.utils.generateKeyPairSync("ed25519").private;
    bench.secrets.set("stranger", stranger);
    const privateKey = { namespace: "rpi", secret: "stranger", key: "id" };
    const problem = await problemOf(quiesceAll({ nodes: second({ privateKey }) }));
    assert.equal(problem.code, "CUT-4354");
    assert.match(problem.happened, /rpi-2 .* does not let \w+ in/);
    const line = stranger.split("\n")[2] ?? assert.fail("no third line");
    assert.ok(!JSON.stringify(problem).includes(line));
    assert.equal(redactText(`leaked: ${line}`), "leaked: [redacted]");
    assert.deepEqual(running(), [true, true]);
  });

  it("missing, empty and locked private keys are named without their content", async () => {
    const locked = ssh2.utils.generateKeyPairSync("ed25519", {
      passphrase: "secret",
      cipher: "aes256-ctr",
      rounds: 16,
    }).private;
    bench.secrets.set("locked", locked);
    bench.secrets.set("empty", "no key at all");
    const at = (secret: string) => second({ privateKey: { namespace: "rpi", secret, key: "id" } });
    assert.equal((await problemOf(quiesceAll({ nodes: at("nowhere") }))).code, "CUT-4350");
    const noKey = second({ privateKey: { namespace: "rpi", secret: "locked", key: "other" } });
    assert.match((await problemOf(quiesceAll({ nodes: noKey }))).evidence?.[0] ?? "", /no key other; its keys: id/);
    for (const secret of ["locked", "empty"]) {
      const problem = await problemOf(quiesceAll({ nodes: at(secret) }));
      assert.equal(problem.code, "CUT-4355");
      assert.ok(!JSON.stringify(problem).includes("no key at all"));
    }
    assert.match((await problemOf(quiesceAll({ nodes: at("locked") }))).evidence?.[0] ?? "", /passphrase/);
  });

  it("several nodes that cannot be used are all named before anything is stopped", async () => {
    const nodes = bench.settings.map((one) => ({ ...one, port: 1 }));
    const problem = await problemOf(quiesceAll({ nodes }));
    assert.equal(problem.code, "CUT-5601");
    const evidence = problem.evidence?.join("\n") ?? "";
    assert.match(evidence, /CUT-4352 errored: node rpi-1 .*cannot be reached/);
    assert.match(evidence, /CUT-4352 errored: node rpi-2 .*cannot be reached/);
    assert.match(evidence, /ECONNREFUSED/);
    assert.deepEqual(running(), [true, true]);
  });

  it("a node that cannot tell whether it runs keeps all from being stopped", async () => {
    const trouble = join(node(1).home, "run", "cannot-tell");
    writeFileSync(trouble, "");
    try {
      const problem = await problemOf(quiesceAll());
      assert.equal(problem.code, "CUT-5602");
      assert.match(problem.evidence?.[0] ?? "", /rpi-2: exit code 7: the service manager does not answer/);
    } finally {
      rmSync(trouble);
    }
    assert.deepEqual(running(), [true, true]);
    assert.deepEqual(calls(), ["", ""]);
  });

  it("a node that does not stop: says which are stopped, what to type, and goes on from there", async () => {
    await node(1).refuseToStop(true);
    const problem = await problemOf(quiesceAll({ procedure: { ...bench.procedure, timeoutSeconds: 2 } }));
    await node(1).refuseToStop(false);
    assert.equal(problem.code, "CUT-5604");
    assert.equal(problem.verdict, "failed");
    assert.deepEqual(problem.evidence?.slice(-2), ["is stopped: rpi-1", "was asked to stop and still runs: rpi-2"]);
    assert.match(problem.next ?? "", /on rpi-2 by hand.*pulumi up.*cutover rollback/);
    assert.deepEqual(running(), [false, true]);
    const outcome = await quiesceAll();
    assert.equal(outcome.summary, "1 of 2 nodes stopped");
    assert.deepEqual(running(), [false, false]);
  });

  it("the connection is lost while a node stops: its state is not known, and that is said", async () => {
    const stop = ["sh", "-c", "rpi-node stop; kill -9 $PPID; sleep 5"];
    const problem = await problemOf(quiesceAll({ procedure: { ...bench.procedure, stop } }));
    assert.equal(problem.code, "CUT-5605");
    assert.equal(problem.verdict, "errored");
    const evidence = problem.evidence?.join("\n") ?? "";
    assert.match(evidence, /CUT-4356 errored: the connection to node rpi-1 .* was lost/);
    assert.match(evidence, /was asked to stop, state not known: rpi-1\nstill runs, was not asked to stop: rpi-2/);
  });

  it("a node that does not start keeps no other from starting", async () => {
    await quiesceAll();
    const program = join(node(0).home, "bin", "rpi-node");
    const start = ["sh", "-c", `case $RPI_NODE_HOME in *rpi-1) exit 4;; *) exec rpi-node start;; esac`];
    const broken = { ...bench.procedure, start, timeoutSeconds: 2 };
    const problem = await problemOf(startNodes(bench.context, bench.settings, broken));
    assert.equal(problem.code, "CUT-5606", program);
    assert.match(problem.evidence?.[0] ?? "", /rpi-1: .*exit code 4/);
    assert.deepEqual(problem.evidence?.slice(-2), ["does not run, or it is not known: rpi-1", "runs: rpi-2"]);
    assert.deepEqual(running(), [false, true]);
  });
});
