import assert from "node:assert/strict";
import { chmodSync, chownSync } from "node:fs";
import { join } from "node:path";
import { createHelm } from "../../clients/helm.ts";
import { redpointSecrets } from "../../sandbox/redpoint/secrets.ts";
import { connectionString, runIn } from "../../sandbox/redpoint/servers.ts";
import { giveFolder } from "../../sandbox/ssh/login-user.ts";
import type { SqlServerFault } from "../../sandbox/sqlserver/contracts.ts";
import { assistantOutput, canary } from "../unit/redpoint/assistant-output.ts";
import { secrets } from "./support/cluster-view.ts";
import { cutover } from "./support/driver.ts";
import { receiptOf } from "./support/redpoint-receipts.ts";
import {
  editValues,
  keepStacks,
  refusal,
  stateOf,
  stepsBeyondPreflight,
  withSecret,
  type Untouched,
} from "./support/redpoint-refusal.ts";
import { openRedpoint, type RedpointScenario } from "./support/redpoint-scenario.ts";
import { upgradeCalls } from "./support/redpoint-states.ts";
import { tracesOf } from "./support/redpoint-traces.ts";
import { setSecret } from "./support/runs.ts";
import { edit } from "./support/world.ts";

// Bad input and a world that is not ready for v7: each a clear error with a code and a next command, before anything is touched.

const [refused, thirdParty, paused] = [15, 17, 19];
const unreadable = 0o000;

const withPlugin = assistantOutput.replace(/\}$/, ',"IncompatiblePlugins":["Acme SMS"]}');

describe("what Redpoint's upgrade refuses", function () {
  this.timeout(200_000);
  let scenario: RedpointScenario;
  let restore: () => Promise<void>;
  let before6: Untouched;
  let said = "";

  const databases = () => scenario.settings["operationalDatabases"] as Record<string, unknown>;
  const changeDatabases = (changes: Record<string, unknown>) =>
    edit(scenario, { operationalDatabases: { ...databases(), ...changes } });
  const changeNode = (changes: Record<string, unknown>) => {
    const [node] = scenario.settings["nodes"] as Record<string, unknown>[];
    return edit(scenario, { nodes: [{ ...node, ...changes }] });
  };
  const sourceFaults = (...faults: SqlServerFault[]) => scenario.environment.source.faults.set(faults);
  const setAssistant = async (text: string) => {
    const done = await setSecret(scenario, "cutover:upgradeAssistant", text);
    assert.equal(done.exitCode, 0, done.text);
  };
  /** A folder of the node that its login cannot read. */
  const closeFolder = () => {
    const closed = join(scenario.environment.nodes[0]?.folders[0] ?? "", "Plugins");
    chmodSync(closed, unreadable);
    chownSync(closed, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    return async () => {
      chmodSync(closed, 0o755);
      for (const node of scenario.environment.nodes) await giveFolder(node.sshd.login, node.home);
    };
  };
  const check = async (argv: string[], exitCode: number, code: `CUT-${number}`, ...words: RegExp[]) => {
    const run = await refusal(scenario, argv, code, ...words);
    assert.equal(run.exitCode, exitCode, run.text);
    said += run.text;
  };
  const toV76 = (verb: "plan" | "upgrade") => [verb, scenario.stack, "--release", "v7.6"];
  /** Preflight says no with that code and these words, whoever asks it. */
  const plan = (exitCode: number, code: `CUT-${number}`, ...words: RegExp[]) =>
    check(toV76("plan"), exitCode, code, ...words);

  before(async () => {
    scenario = await openRedpoint();
    before6 = await stateOf(scenario);
    restore = await keepStacks(scenario);
  });
  after(() => scenario.environment.stop());

  describe("before anything is touched", () => {
    afterEach(async () => {
      await restore();
      await sourceFaults();
      await scenario.environment.target.faults.clear();
      assert.deepEqual(await stateOf(scenario), before6, "something was touched");
      assert.deepEqual(await stepsBeyondPreflight(scenario), []);
    });

    it('"mirror staging and promote", with what to do instead', async () => {
      await changeDatabases({ mode: "mirror" });
      await plan(2, "CUT-2069", /Pulumi\.redpoint-dev\.yaml:\d+:\d+/, /mode inPlace/, /docs\/redpoint-mirror\.md/);
    });

    it("a release note that nobody acknowledged", async () => {
      await edit(scenario, { acknowledged: ["rpi-v7-automations"] });
      await plan(refused, "CUT-3114", /rpi-v7-plan/, /cutover ack redpoint-dev rpi-v7-plan/);
    });

    it("a queue and a cache that v7's chart does not have", async () => {
      await editValues(scenario, "rpi-realtime", "realtimeapi.queueProvider.provider", "msmq");
      await editValues(scenario, "rpi-realtime", "realtimeapi.cacheProvider.provider", "cassandra");
      await plan(refused, "CUT-3203", /msmq: v6 can use it, .* v7 cannot/, /cassandra: v6 can use it/, /rabbitmq/);
    });

    it("a database provider that the chart cannot configure on this platform", async () => {
      await editValues(scenario, "rpi", "databases.operational.provider", "sqlserver");
      await plan(refused, "CUT-3202", /sqlserver on .*platform selfhosted/, /write sqlserveronvm/);
    });

    it("the chart's own database upgrade: the call would be made twice", async () => {
      await editValues(scenario, "rpi", "databaseUpgrade.enabled", true);
      await plan(refused, "CUT-3223", /databaseUpgrade\.enabled is true/, /cutover makes the one call itself/);
    });

    it("clones beside their source whose tenants' connections nobody rewrites", async () => {
      const { source, namespace } = scenario.environment.world;
      await scenario.kubernetes.create(secrets, namespace, {
        ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "beside", namespace } },
        stringData: { connection: connectionString(source, "v7_Pulse") },
      });
      const connection = { namespace, secret: "beside", key: "connection" };
      const server = { ...(databases()["source"] as object), connection };
      const clone = { name: "v7_${database}" };
      await changeDatabases({ server, clone, tenantConnections: undefined });
      await plan(refused, "CUT-3213", /on the same server/, /the upgrade would migrate those/, /tenantConnections/);
    });

    it("an environment in place that is not the v6 that was recorded", async () => {
      const { source: from, tenantConnections: _none, ...others } = databases();
      const recorded = { server: "sql-old.example,1433", core: "Pulse_Old" };
      await edit(scenario, { operationalDatabases: { ...others, mode: "inPlace", server: from, recorded } });
      const { source, target } = scenario.environment.world;
      await plan(
        refused,
        "CUT-3208",
        /recorded of v6: sql-old\.example,1433/,
        /the core database is Pulse; recorded of v6: Pulse_Old/,
        new RegExp(
          `redpoint-rpi-secrets leads to 127\\.0\\.0\\.1:${target.port}, .* to 127\\.0\\.0\\.1:${source.port}`,
        ),
      );
    });

    it("a missing licence, and one under another key", async () => {
      const asked = (words: RegExp) => () =>
        plan(refused, "CUT-3206", words, /kubectl create secret generic rpi-licence -n r\w+-rpi/);
      await withSecret(scenario, redpointSecrets.licence, () => null, asked(/Secret rpi-licence is missing/));
      const renamed = (data: Record<string, string>) => ({ other: data["activation-key"] ?? "" });
      await withSecret(scenario, redpointSecrets.licence, renamed, asked(/has no key activation-key/));
    });

    it("missing keys of the Secret from which the pods read", async () => {
      await withSecret(
        scenario,
        redpointSecrets.application,
        ({ ConnectionString_Logging_Database: _one, Operations_Database_Server_Password: _two, ...rest }) => rest,
        () =>
          plan(
            refused,
            "CUT-3205",
            /redpoint-rpi-secrets has no key ConnectionString_Logging_Database/,
            /redpoint-rpi-secrets has no key Operations_Database_Server_Password/,
            /kubectl patch secret redpoint-rpi-secrets -n r\w+-rpi/,
          ),
      );
    });

    it("a Secret that Helm would delete in the upgrade, until Helm is told to keep it", async () => {
      const { namespace } = scenario.environment.world;
      const annotate = (annotations: Record<string, string | null>) =>
        scenario.kubernetes.patch(secrets, namespace, redpointSecrets.application, { metadata: { annotations } });
      await annotate({ "meta.helm.sh/release-name": "rpi", "meta.helm.sh/release-namespace": namespace });
      try {
        await plan(
          refused,
          "CUT-3224",
          /redpoint-rpi-secrets belongs to the Helm release rpi/,
          /kubectl annotate secret redpoint-rpi-secrets -n \S+ helm\.sh\/resource-policy=keep/,
        );
        await annotate({ "helm.sh/resource-policy": "keep" });
        const kept = await cutover(scenario, ...toV76("plan"));
        assert.equal(kept.exitCode, 0, kept.text);
      } finally {
        const names = ["meta.helm.sh/release-name", "meta.helm.sh/release-namespace", "helm.sh/resource-policy"];
        await annotate(Object.fromEntries(names.map((name) => [name, null])));
      }
    });

    it("a tenant without its audit database, also in a run", async () => {
      const { source } = scenario.environment.world;
      await runIn(source, "master", ["CREATE DATABASE [Interaction_lonely]"]);
      try {
        await plan(refused, "CUT-5401", /Interaction_lonely has no InteractionAudit_lonely beside it/);
        await check(toV76("upgrade"), refused, "CUT-5401", /Interaction_lonely/, /nothing was touched/);
      } finally {
        await runIn(source, "master", ["DROP DATABASE [Interaction_lonely]"]);
      }
    });

    const rights = [
      ["source", "VIEW ANY DATABASE", "CUT-5400", /cannot see all databases.*GRANT VIEW ANY DATABASE TO/s],
      ["source", "BACKUP DATABASE", "CUT-5411", /Pulse: BACKUP DATABASE.*ALTER ROLE db_backupoperator/s],
      ["target", "CREATE DATABASE", "CUT-3211", /may not create databases.*ALTER SERVER ROLE dbcreator/s],
    ] as const;
    for (const [where, permission, code, words] of rights) {
      it(`a login without ${permission}`, async () => {
        await scenario.environment[where].faults.set([{ fault: "permissionMissing", permission, user: "rpi_service" }]);
        await plan(refused, code, words);
      });
    }

    it("a server that is down: one cause, said once, and no verdict on anything else", async () => {
      await sourceFaults({ fault: "down", milliseconds: 100_000 });
      await plan(thirdParty, "CUT-4251", /databases, .*clone-targets: SQL Server at .* cannot be reached/, /nc -vz/);
    });

    it("a certificate that no known authority signed", async () => {
      await sourceFaults({ fault: "certificate", kind: "unknownAuthority" });
      await plan(thirdParty, "CUT-4254", /is not trusted/, /certificateAuthority/);
    });

    it("a node with another host key, or with none in the stack file", async () => {
      const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBEd5C2UpDBLGyZC4QbkbVJT4kEp7fB7GxN6F2cVJ1n";
      await changeNode({ hostKey });
      await plan(refused, "CUT-4353", /another host key/, /the stack file has .*SHA256:/, /the server has .*SHA256:/);
      await changeNode({ hostKey: undefined });
      await plan(2, "CUT-2012", /cutover:nodes\.0\.hostKey is missing/);
    });

    it("a node that does not answer", async () => {
      await changeNode({ port: 1 });
      await plan(thirdParty, "CUT-4352", /node \S+ \(127\.0\.0\.1:1\) cannot be reached/, /ssh -p 1 /);
    });

    it("a folder of a node that cannot be read, by name, until that is accepted", async () => {
      const open = closeFolder();
      try {
        const id = `node-${scenario.environment.nodes[0]?.name ?? ""}-unreadable`;
        await plan(refused, "CUT-3221", /RedPoint Global\/Plugins.*Permission denied/, new RegExp(`add ${id} to`));
        await edit(scenario, { acknowledged: [...(scenario.settings["acknowledged"] as string[]), id] });
        const accepted = await cutover(scenario, ...toV76("plan"));
        assert.equal(accepted.exitCode, 0, accepted.text);
      } finally {
        await open();
      }
    });

    it("an Upgrade Assistant's output that is not JSON: by line, without its content", async () => {
      await setAssistant(assistantOutput.replace('.example",', ".example,"));
      await plan(2, "CUT-2065", /line 5, column 29: the closing quote of the value of RPI__ServiceHostName is missing/);
    });

    it("a plugin that v7 does not have, until the command that is told acknowledges it; what has no place is listed", async () => {
      await setAssistant(withPlugin);
      await plan(
        refused,
        "CUT-3207",
        /Acme SMS/,
        /not taken over: InteractionAPI\.RPIClient__HelpStartPageURL/,
        /cutover ack redpoint-dev plugin-acme-sms/,
      );
      const known = await cutover(scenario, "ack", scenario.stack, "plugin-acme-sms", "--reason", "replaced by Beta");
      assert.equal(known.exitCode, 0, known.text);
      const now = await cutover(scenario, ...toV76("plan"));
      assert.equal(now.exitCode, 0, now.text);
      said += known.text + now.text;
    });
  });

  // One run that is stopped four times, each time by another cause, and gets to its end.
  describe("in the middle of a run", () => {
    let open: () => Promise<void>;
    const statements = () => scenario.settings["tenantSettings"] as { read: string; values: unknown };
    const attest = async (...argv: string[]) => {
      const done = await cutover(scenario, "attest", scenario.stack, ...argv);
      assert.equal(done.exitCode, 0, done.text);
    };
    const upgrade = (exitCode: number, code: `CUT-${number}`, ...words: RegExp[]) =>
      check(["upgrade", scenario.stack], exitCode, code, ...words);
    before(async () => {
      open = closeFolder();
      await setAssistant(withPlugin);
      const accepted = `node-${scenario.environment.nodes[0]?.name ?? ""}-unreadable`;
      await edit(scenario, {
        acknowledged: [...(scenario.settings["acknowledged"] as string[]), accepted],
        retry: { attempts: 1, backoff: "1s" },
      });
    });
    after(() => open());

    it("a backup device that the server cannot reach, with the server's own cause", async () => {
      await changeDatabases({ backupFolder: "/no/such/folder" });
      await check(toV76("upgrade"), 16, "CUT-5412", /3201/, /\/no\/such\/folder/, /Operating system error 3/);
      assert.deepEqual(await stateOf(scenario), before6);
    });

    it("a clone that still points at the source after the rewrite: nothing is released", async () => {
      const { query, rewrite } = databases()["tenantConnections"] as { query: string; rewrite: string };
      await changeDatabases({ tenantConnections: { query, rewrite: rewrite.replace("@tenant", "N'nobody'") } });
      await upgrade(paused, "CUT-5510", /tenant acme: database Interaction_acme on .* still points at the source/);
      const now = await stateOf(scenario);
      assert.deepEqual({ ...now, databases: [] }, { ...before6, databases: [] }, "only clones were made");
      const saved = await receiptOf(scenario, "2.2", null, "backup");
      assert.match(saved.evidence.join("\n"), /RedPoint Global: \d+ files, \d+ unreadable and acknowledged: .*Plugins/);
    });

    it("a wrong file mount, by both values: the licence is active then, and the call is made", async () => {
      const { read, values } = statements();
      await edit(scenario, { operationalDatabases: databases(), tenantSettings: { read, values } });
      await upgrade(
        paused,
        "CUT-5742",
        /acme: FileOutputDirectory is C:\\RPI\\FileAssets, must be \/rpifileoutputdir/,
        /globex: FileOutputDirectory is C:\\RPI\\FileAssets, must be \/rpifileoutputdir/,
      );
      assert.equal(upgradeCalls(scenario), 1);
    });

    it("a wrong file mount that a person attested, where nothing can be read", async () => {
      const { values } = statements();
      await edit(scenario, { tenantSettings: { values } });
      for (const tenant of ["acme", "globex"]) {
        await attest("--tenant", tenant, "--setting", "Channels", "--value", "as agreed");
        await attest("--tenant", tenant, "--all");
      }
      await attest("--tenant", "acme", "--setting", "FileOutputDirectory", "--value", "C:\\RPI\\FileAssets");
      await upgrade(
        paused,
        "CUT-5742",
        /acme: FileOutputDirectory is C:\\RPI\\FileAssets, as attested, must be \/rpifileoutputdir/,
        /cutover attest redpoint-dev/,
      );
    });

    it("comes to its end when each cause is gone, with one call; v6 is untouched", async () => {
      await attest("--tenant", "acme", "--setting", "FileOutputDirectory", "--value", "/rpifileoutputdir");
      const done = await cutover(scenario, "upgrade", scenario.stack);
      assert.equal(done.exitCode, 0, done.text);
      said += done.text;
      assert.equal(upgradeCalls(scenario), 1);
      const now = await stateOf(scenario);
      assert.deepEqual([now.content, now.nodes], [before6.content, before6.nodes]);
    });

    it("gives the Upgrade Assistant's values to the release, and shows them nowhere", async () => {
      const { namespace } = scenario.environment.world;
      const [release] = await createHelm(scenario.kubernetes).history(namespace, "rpi");
      const smtp = release?.values["SMTPSettings"] as Record<string, unknown> | undefined;
      assert.equal(smtp?.["SMTP_Address"], `smtp.${canary}.example`);
      const places = { ...(await tracesOf(scenario)), output: said };
      for (const [place, text] of Object.entries(places)) {
        assert.notEqual(text, "", place);
        assert.ok(!text.includes(canary), `the Assistant's values stand in the ${place}`);
      }
    });
  });
});
