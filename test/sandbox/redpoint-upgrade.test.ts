import assert from "node:assert/strict";
import { redpointImageTags } from "../../sandbox/charts/redpoint-rpi.ts";
import { version6 } from "../../sandbox/redpoint/create-redpoint-world.ts";
import { readInstallation, readTenantConnections, type InstallationContent } from "../../sandbox/redpoint/databases.ts";
import { connectionString } from "../../sandbox/redpoint/servers.ts";
import { cutover } from "./support/driver.ts";
import { receiptOf, revisionsIn, stepsOf } from "./support/redpoint-receipts.ts";
import { openRedpoint, type RedpointScenario } from "./support/redpoint-scenario.ts";
import { attestChannels, contentOf, databaseNames, unhold, upgradeCalls } from "./support/redpoint-states.ts";
import { secretsOf, tracesOf } from "./support/redpoint-traces.ts";
import { firstInteraction, workInAcme } from "./support/redpoint-work.ts";
import { preview, type Finished } from "./support/runs.ts";
import { edit, pages } from "./support/world.ts";

// Dev: v6 runs on, v7 works on copies of its databases. One story, told in order.

const paused = 19;
const systemDatabases = ["master", "model", "msdb", "tempdb"];
const saved = ["preflight passed", "quiesce skipped", "backup passed", "clone passed"].map((one) => `platform ${one}`);

describe("Redpoint v6 -> v7.6 -> v7.7 and back in dev, on clones", function () {
  this.timeout(300_000);
  let scenario: RedpointScenario;
  let content6: InstallationContent;
  let connections6: Awaited<ReturnType<typeof readTenantConnections>>;
  let names: string[];
  let said = "";

  const go = async (...argv: string[]): Promise<Finished> => {
    const run = await cutover(scenario, ...argv);
    said += run.text;
    return run;
  };
  const upgrade = (...more: string[]): Promise<Finished> => go("upgrade", scenario.stack, ...more);
  const clones = async (): Promise<string[]> =>
    (await databaseNames(scenario)).filter((name) => !systemDatabases.includes(name));

  /** v6's own databases hold what they held, and its node was never spoken to but for reading. */
  async function v6RunsOn(): Promise<void> {
    const { world, nodes } = scenario.environment;
    assert.deepEqual(await readInstallation(world.source, world.databases), content6);
    assert.deepEqual(await readTenantConnections(world.source, "Pulse"), connections6);
    assert.ok(nodes.every((node) => node.running()));
    assert.deepEqual(
      nodes.flatMap((node) => node.calls()).filter((call) => call !== "running"),
      [],
    );
  }

  /** Pauses at the settings, whatever was said about them before; then a person says how the channels are, and it passes. */
  async function upgradeWithSettings(release: string): Promise<void> {
    const first = await upgrade("--release", release);
    assert.equal(first.exitCode, paused, first.text);
    await attestChannels(scenario);
    const second = await upgrade();
    assert.equal(second.exitCode, 0, second.text);
    assert.match(second.text, new RegExp(`passed: redpoint-dev stands verified at ${release}`));
  }

  before(async () => {
    scenario = await openRedpoint();
    const { world } = scenario.environment;
    content6 = await readInstallation(world.source, world.databases);
    connections6 = await readTenantConnections(world.source, "Pulse");
    names = world.databases.map(({ name }) => name).sort();
  });
  after(() => scenario.environment.stop());

  describe("v6 -> v7.6", () => {
    it("a preview shows all of it and touches nothing", async () => {
      await edit(scenario, { release: "v7.6" });
      const shown = await preview(scenario);
      await edit(scenario, { release: "v6" });
      assert.equal(shown.exitCode, 0, shown.text);
      assert.match(shown.text, /Command backup create[^]*Command clone create[^]*Command rpi-migrate create/);
      assert.equal(upgradeCalls(scenario), 0);
      assert.deepEqual(await clones(), []);
      assert.deepEqual(await pages(scenario), []);
      assert.deepEqual(await revisionsIn(scenario), { rpi: 0, "rpi-realtime-acme": 0 });
      await v6RunsOn();
    });

    it("saves everything before anything is released, then pauses for the settings", async () => {
      const run = await upgrade("--release", "v7.6");
      assert.equal(run.exitCode, paused, run.text);
      const rpi = ["check passed", "migrate passed", "configure inconclusive"].map((one) => `rpi ${one}`);
      assert.deepEqual(await stepsOf(scenario, "1.1"), [...saved, ...rpi]);
      assert.match((await receiptOf(scenario, "1.1", null, "quiesce")).summary, /v6 runs on: .* clones/);
      const { facts } = await receiptOf(scenario, "1.1", null, "backup");
      assert.deepEqual([facts["databases"], facts["nodes"]], [names.length, 1]);
      assert.match(run.text, /✔ platform clone[^]*▶ rpi release[^]*✔ rpi release[^]*▶ rpi migrate/);
      for (const tenant of ["acme", "globex"])
        assert.match(run.text, new RegExp(`${tenant}: Channels must be a value that a person decides; not attested`));
      assert.match(run.text, /next: .*cutover attest redpoint-dev --tenant/);
      assert.deepEqual(await revisionsIn(scenario), { rpi: 1, "rpi-realtime-acme": 0 });
    });

    it("and pauses again where only one tenant is attested", async () => {
      const said = ["--tenant", "acme", "--setting", "Channels", "--value", "as agreed"];
      assert.equal((await go("attest", scenario.stack, ...said)).exitCode, 0);
      const run = await upgrade();
      assert.equal(run.exitCode, paused, run.text);
      assert.match(run.text, /CUT-5743 1 setting\(s\)[^]*globex: Channels/);
    });

    it("goes on when all is attested: backup and clones are kept, the API is called once", async () => {
      await attestChannels(scenario);
      const run = await upgrade();
      assert.equal(run.exitCode, 0, run.text);
      const rpi = ["check", "migrate", "configure", "verify"].map((step) => `rpi ${step} passed`);
      const realtime = ["check", "verify"].map((step) => `rpi-realtime-acme ${step} passed`);
      assert.deepEqual(await stepsOf(scenario, "1.3"), [...saved, ...rpi, ...realtime, "platform finish passed"]);
      assert.match(run.text, /✔ rpi verify[^]*▶ rpi-realtime-acme release[^]*✔ rpi-realtime-acme release/);
      for (const step of ["backup", "clone"] as const) {
        const [first, last] = [
          await receiptOf(scenario, "1.1", null, step),
          await receiptOf(scenario, "1.3", null, step),
        ];
        assert.equal(last.facts["backupId"], first.facts["backupId"]);
        assert.equal(last.reused, true, `${step} was not kept`);
      }
      assert.equal((await receiptOf(scenario, "1.3", "rpi", "migrate")).facts["called"], false);
      assert.equal(upgradeCalls(scenario), 1);
    });

    it("the clones are migrated and lead to each other; v6's databases are as they were", async () => {
      const { world } = scenario.environment;
      const { version, interactions } = await contentOf(scenario);
      assert.deepEqual([content6.version, version], [version6, redpointImageTags["7.6"]]);
      assert.deepEqual(new Set(Object.values(interactions).flat()), new Set(["Migrated"]));
      const rewritten = await readTenantConnections(world.target, "Pulse");
      assert.deepEqual(
        rewritten.map(({ tenant, operational, audit }) => [tenant, operational, audit]),
        ["acme", "globex"].map((tenant) => [
          tenant,
          ...["Interaction", "InteractionAudit"].map((kind) => connectionString(world.target, `${kind}_${tenant}`)),
        ]),
      );
      assert.deepEqual(await clones(), names);
      await v6RunsOn();
    });

    it("what a statement may write is read back from the clone's Pulse", async () => {
      const wanted = [
        ...["DataManagementUploadDirectory=/rpdmuploaddirectory", "FileExportLocation=0"],
        ...["FileOutputDirectory=/rpifileoutputdir", "FileOutputDirectoryUseGlobal=false"],
        "GlobalFileOutputDirectory=/rpifileoutputdir",
      ];
      const { settings } = await contentOf(scenario);
      assert.deepEqual(
        [...settings].sort(),
        ["acme", "globex"].flatMap((tenant) => wanted.map((one) => `${tenant} ${one}`)),
      );
      assert.notDeepEqual(settings, content6.settings);
    });

    it("a second upgrade changes nothing", async () => {
      const [pagesBefore, contentBefore] = [await pages(scenario), await contentOf(scenario)];
      const run = await upgrade();
      assert.equal(run.exitCode, 0, run.text);
      assert.deepEqual(await pages(scenario), pagesBefore);
      assert.deepEqual(await contentOf(scenario), contentBefore);
      assert.deepEqual(await revisionsIn(scenario), { rpi: 1, "rpi-realtime-acme": 1 });
      assert.equal(upgradeCalls(scenario), 1);
    });
  });

  describe("back to v6", () => {
    it("removes v7 and puts the clones aside; v6 ran on", async () => {
      const run = await go("rollback", scenario.stack, "--reason", "UAT said no", "--yes");
      assert.equal(run.exitCode, 0, run.text);
      assert.match(run.text, /v6 ran on: this stack worked on clones/);
      assert.deepEqual(await revisionsIn(scenario), { rpi: 0, "rpi-realtime-acme": 0 });
      const aside = await clones();
      assert.deepEqual(aside.map((name) => name.replace(/_replaced_\w+$/, "")).sort(), names);
      assert.ok(
        aside.every((name) => /_replaced_\w+$/.test(name)),
        aside.join(),
      );
      await v6RunsOn();
    });

    it("and stays on hold until a person says why it may go on", async () => {
      const run = await upgrade("--release", "v7.6");
      assert.equal(run.exitCode, 15, run.text);
      assert.match(run.text, /UAT said no/);
      assert.equal(upgradeCalls(scenario), 1);
    });
  });

  describe("v7.6 again, then v7.7", () => {
    it("clones anew and asks anew how the channels are: what was attested was about other databases", async () => {
      await unhold(scenario);
      await upgradeWithSettings("v7.6");
      assert.equal(upgradeCalls(scenario), 2);
      assert.deepEqual(
        (await clones()).filter((name) => !name.includes("_replaced_")),
        names,
      );
      await v6RunsOn();
    });

    it("v7.7 saves the clones and migrates them where they are; settings are asked for again", async () => {
      await workInAcme(scenario, "Begun on v7.6");
      await upgradeWithSettings("v7.7");
      assert.equal((await contentOf(scenario)).version, redpointImageTags["7.7"]);
      assert.equal(upgradeCalls(scenario), 3);
      const run = (await pages(scenario)).at(-1)?.number ?? 0;
      const platform = (await stepsOf(scenario, `${run}.1`)).filter((step) => step.startsWith("platform"));
      assert.deepEqual(platform, ["platform preflight passed", "platform backup passed"]);
      await workInAcme(scenario, "Begun on v7.7");
      await v6RunsOn();
    });

    it("a rollback to v7.6 wants the backup by name and brings the clones' content of then", async () => {
      const asked = await go("rollback", scenario.stack, "--reason", "latency doubled");
      assert.equal(asked.exitCode, paused, asked.text);
      assert.match(asked.text, /CUT-6402/);
      assert.equal((await contentOf(scenario)).version, redpointImageTags["7.7"]);
      const backup = /--restore (\S+)/.exec(asked.text)?.[1] ?? "";
      const run = await go("rollback", scenario.stack, "--restore", backup, "--reason", "latency doubled", "--yes");
      assert.equal(run.exitCode, 0, run.text);
      assert.equal((await contentOf(scenario)).version, redpointImageTags["7.6"]);
      assert.equal(await firstInteraction(scenario, "Interaction_acme"), "Begun on v7.6");
      const kept = /Interaction_acme: restored .* is kept as (\S+)/.exec(run.text)?.[1] ?? "";
      assert.equal(await firstInteraction(scenario, kept), "Begun on v7.7");
      assert.equal(upgradeCalls(scenario), 3, "a rollback called the upgrade API");
      await v6RunsOn();
    });
  });

  describe("what is left", () => {
    it("no password, key or token stands in ledger, state, files or output", async () => {
      const places = { ...(await tracesOf(scenario)), output: said };
      for (const [place, text] of Object.entries(places)) {
        assert.match(text, /redpoint/, `${place} is empty`);
        for (const [what, secret] of Object.entries(await secretsOf(scenario))) {
          assert.ok(secret.length >= 8, what);
          assert.ok(!text.includes(secret), `${what} stands in ${place}`);
        }
      }
    });
  });
});
