import assert from "node:assert/strict";
import type { Guards, PreflightService, PreflightSpec } from "../../../model/step-specs.ts";
import type { OperationalDatabases } from "../../../model/operational-databases.ts";
import { checksFor } from "../../../steps/preflight/checks/groups.ts";
import { contextOf, service, type Situation } from "../preflight/situation.ts";
import { assistantOutput, canary } from "./assistant-output.ts";

const checks = checksFor(["operationalDatabases", "nodes", "redpoint"]);
const rpi = (more: Partial<PreflightService> = {}): PreflightService =>
  service("rpi", "v7.7", {
    chart: { path: "charts/rpi.tgz", version: "7.7.0", sha256: "0" },
    values: {
      global: { deployment: { platform: "selfhosted", images: { registry: "registry.example/rpi", tag: "7.7.1" } } },
      databases: { operational: { provider: "sqlserveronvm" } },
      ingress: { domain: "rpi.example" },
      storage: { persistentVolumeClaims: { FileOutputDirectory: { enabled: true } } },
      realtimeapi: { enabled: false },
    },
    ...more,
  });
const reference = (key: string) => ({ namespace: "rpi", secret: "connections", key });
const databases = (more: Partial<OperationalDatabases> = {}): OperationalDatabases => ({
  provider: "sqlserver",
  mode: "inPlace",
  server: { connection: reference("server"), trustServerCertificate: false },
  core: "Pulse",
  logging: "Pulse_Logging",
  realtime: [],
  tenants: [],
  additional: [],
  tables: [],
  backupFolder: "D:\\Backup",
  compression: true,
  maxAgeHours: 24,
  ...more,
});
const base64 = (text: string): string => Buffer.from(text).toString("base64");

interface Asked extends Omit<Situation, "services" | "spec"> {
  services?: PreflightService[];
  spec?: Partial<PreflightSpec>;
  connections?: Record<string, string>;
  assistant?: string;
}
async function ask(name: string, { connections = {}, assistant, ...situation }: Asked = {}) {
  const check = checks.find((one) => one.name === name);
  assert.ok(check !== undefined, name);
  const before = process.env["CUTOVER_UPGRADE_ASSISTANT"];
  if (assistant !== undefined) process.env["CUTOVER_UPGRADE_ASSISTANT"] = assistant;
  try {
    const context = contextOf({ services: [rpi()], ...situation, guards: {} satisfies Partial<Guards> });
    const connectionString = ({ key }: { key: string }): Promise<string> => {
      const text = connections[key];
      return text === undefined ? Promise.reject(new Error(`no key ${key}`)) : Promise.resolve(text);
    };
    const result = await check.run({ ...context, step: { ...context.step, connectionString } });
    return { ...result, text: [result.summary, ...result.evidence, result.next ?? ""].join("\n") };
  } finally {
    if (before === undefined) delete process.env["CUTOVER_UPGRADE_ASSISTANT"];
    else process.env["CUTOVER_UPGRADE_ASSISTANT"] = before;
  }
}
const withAssistant = { secretValues: "upgradeAssistant" } as const;

describe("groups of checks", () => {
  it("add to the general checks, and are unknown to platforms that do not name them", () => {
    const names = (groups: string[]) => checksFor(groups).map((check) => check.name);
    assert.ok(!names([]).includes("skew") && names(["skew"]).includes("skew"));
    assert.ok(!names(["skew"]).some((name) => name.startsWith("redpoint-")));
    assert.throws(() => checksFor(["nonsense"]), /no group of checks called nonsense/);
  });
});

describe("what Redpoint's chart demands", () => {
  it("right values pass; a missing one, a provider and a queue that v7 lacks are named", async () => {
    assert.equal((await ask("redpoint-values")).verdict, "passed");
    assert.equal((await ask("redpoint-database-provider")).verdict, "passed");
    const bare = [rpi({ values: {} })];
    assert.match(
      (await ask("redpoint-values", { services: bare })).text,
      /rpi: global\.deployment\.platform is not set/,
    );
    const selfhosted = [
      rpi({
        values: {
          global: { deployment: { platform: "selfhosted" } },
          databases: { operational: { provider: "sqlserver" } },
        },
      }),
    ];
    assert.match((await ask("redpoint-database-provider", { services: selfhosted })).text, /write sqlserveronvm/);
    const queue = [
      rpi({ values: { realtimeapi: { cacheProvider: { provider: "redis" }, queueProvider: { provider: "msmq" } } } }),
    ];
    const refused = await ask("redpoint-realtime-providers", { services: queue });
    assert.equal(refused.verdict, "failed");
    assert.match(refused.text, /msmq: v6 can use it, the chart of v7 cannot/);
  });

  it("the provider of the values is that of the stack's databases", async () => {
    const spec = { operationalDatabases: databases({ provider: "postgresql" }) };
    assert.match(
      (await ask("redpoint-database-provider", { spec })).text,
      /provider is sqlserveronvm, cutover:operationalDatabases\.provider is postgresql/,
    );
  });

  it("a password in a values file stops staging and prod, and is said in dev; the value is not shown", async () => {
    const services = [rpi({ values: { ...rpi().values, integrationapi: { password: canary } } })];
    const staging = await ask("redpoint-values", { services, request: { environment: "staging" } });
    assert.equal(staging.verdict, "failed");
    assert.match(staging.text, /integrationapi\.password stands in clear/);
    const dev = await ask("redpoint-values", { services });
    assert.equal(dev.verdict, "passed");
    assert.match(dev.text, /integrationapi\.password/);
    assert.doesNotMatch(staging.text + dev.text, new RegExp(canary));
  });

  it("missing keys of the Secret are named, with what the Upgrade Assistant knows of them", async () => {
    const objects = {
      "namespaces//rpi": {},
      "secrets/rpi/redpoint-rpi-secrets": { data: { ConnectionString_Logging_Database: base64("x") } },
    };
    const spec = { ...withAssistant, operationalDatabases: databases() };
    const result = await ask("redpoint-secret", { objects, spec, assistant: assistantOutput });
    assert.equal(result.verdict, "failed");
    assert.match(result.text, /Secret rpi\/redpoint-rpi-secrets has no key ConnectionString_Operations_Database/);
    assert.match(result.text, /the Upgrade Assistant's output has ConnectionString_Operations_Database, /);
    assert.doesNotMatch(result.text, new RegExp(canary));
    assert.match(
      (await ask("redpoint-secret", { objects: { "namespaces//rpi": {} } })).text,
      /redpoint-rpi-secrets is missing in namespace rpi/,
    );
  });

  it("a chart that would call the upgrade API by itself is refused, and no override helps", async () => {
    const job = [rpi({ values: { ...rpi().values, databaseUpgrade: { enabled: true } } })];
    const refused = await ask("redpoint-database-work", { services: job });
    assert.equal(refused.verdict, "failed");
    assert.match(refused.text, /rpi: databaseUpgrade\.enabled is true: the chart's own Job would call the upgrade API/);
    assert.match(refused.text, /cutover makes the one call itself, in its step migrate/);
    assert.equal(checks.find(({ name }) => name === "redpoint-database-work")?.overridable, false);
    assert.equal((await ask("redpoint-database-work")).verdict, "passed");
  });

  describe("the Secret that the chart of 7.6 made itself", () => {
    const owned = (more: Record<string, string> = {}, release = "rpi") => ({
      "secrets/rpi/redpoint-rpi-secrets": {
        metadata: {
          name: "redpoint-rpi-secrets",
          annotations: { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "rpi", ...more },
        },
      },
    });
    const asked = (objects: Asked["objects"], services = [rpi()]) =>
      ask("redpoint-secret-owner", { services, ...(objects === undefined ? {} : { objects }) });

    it("would be deleted by Helm in the upgrade to 7.7: refused, with the command that keeps it", async () => {
      const refused = await asked(owned());
      assert.equal(refused.verdict, "failed");
      assert.match(refused.text, /would delete the Secret/);
      assert.match(refused.text, /Secret rpi\/redpoint-rpi-secrets belongs to the Helm release rpi/);
      assert.match(refused.text, /kubectl annotate secret redpoint-rpi-secrets -n rpi helm\.sh\/resource-policy=keep/);
    });

    it("is fine when Helm keeps it, when it is nobody's or another release's, and when the chart makes it", async () => {
      assert.equal((await asked(owned({ "helm.sh/resource-policy": "keep" }))).verdict, "passed");
      assert.equal((await asked(owned({}, "secrets"))).verdict, "passed");
      assert.equal((await asked({})).verdict, "passed");
      const chart = { path: "charts/rpi.tgz", version: "7.6.0", sha256: "0" };
      assert.equal((await asked(owned(), [rpi({ chart, values: {} })])).verdict, "skipped");
    });
  });

  it("the licence's key must be there before anything is migrated", async () => {
    const licence = {
      activatePath: "/a",
      statusPath: "/s",
      systemName: "redpoint",
      secret: "rpi-licence",
      key: "activationKey",
    };
    const configure = { endpoint: { service: "rpi-deploymentapi", port: 80 }, licence, settings: [] };
    const services = [rpi({ configure, steps: ["check", "release", "migrate", "configure", "verify"] })];
    const missing = await ask("redpoint-licence", {
      services,
      objects: { "namespaces//rpi": {}, "secrets/rpi/rpi-licence": { data: { other: "" } } },
    });
    assert.match(missing.text, /Secret rpi\/rpi-licence has no key activationKey/);
    const there = await ask("redpoint-licence", {
      services,
      objects: { "secrets/rpi/rpi-licence": { data: { activationKey: base64("k") } } },
    });
    assert.equal(there.verdict, "passed");
    assert.equal((await ask("redpoint-licence")).verdict, "skipped");
  });
});

describe("the Upgrade Assistant in preflight", () => {
  const plugins = assistantOutput.replace(/\}$/, ',"IncompatiblePlugins":["Acme SMS"]}');

  it("each incompatible plugin stops the run until it is acknowledged, in the stack file or in the ledger", async () => {
    const open = await ask("redpoint-upgrade-assistant", { spec: withAssistant, assistant: plugins });
    assert.equal(open.verdict, "failed");
    assert.match(open.text, /Acme SMS: acknowledge as plugin-acme-sms[^]*cutover ack infomart-dev plugin-acme-sms/);
    const inFile = { ...withAssistant, acknowledged: ["plugin-acme-sms"] };
    const known = await ask("redpoint-upgrade-assistant", { spec: inFile, assistant: plugins });
    assert.equal(known.verdict, "passed");
    assert.match(known.text, /not taken over: InteractionAPI\.RPIClient__HelpStartPageURL/);
    assert.doesNotMatch(open.text + known.text, new RegExp(canary));
  });

  it("is skipped where it is not set, and says where it is malformed", async () => {
    assert.equal((await ask("redpoint-upgrade-assistant", { spec: withAssistant })).verdict, "skipped");
    const broken = ask("redpoint-upgrade-assistant", {
      spec: withAssistant,
      assistant: plugins.replace('.example",', ".example,"),
    });
    await assert.rejects(
      broken,
      /CUT-2065 .*line 5, column 29: the closing quote of the value of RPI__ServiceHostName is missing/,
    );
  });
});

describe("the environment that v7 works on", () => {
  const secret = (server: string, database: string) => ({
    "secrets/rpi/redpoint-rpi-secrets": {
      data: {
        ConnectionString_Operations_Database: base64(
          `Server=tcp:${server},1433;Database=${database};User ID=a;Password=${canary}`,
        ),
      },
    },
  });
  const connection = (server: string, database: string): string =>
    `Server=${server};Database=${database};User ID=a;Password=${canary}`;

  it("in place: the chart's Secret and the stack's lead to one server", async () => {
    const spec = { operationalDatabases: databases() };
    const connections = { server: connection("sql01", "Pulse") };
    const good = await ask("redpoint-environment", { spec, connections, objects: secret("SQL01", "Pulse") });
    assert.equal(good.verdict, "passed", good.text);
    const wrong = await ask("redpoint-environment", { spec, connections, objects: secret("sql02", "Pulse") });
    assert.equal(wrong.verdict, "failed");
    assert.match(wrong.text, /Secret rpi\/redpoint-rpi-secrets leads to sql02:1433/);
    assert.doesNotMatch(good.text + wrong.text, new RegExp(canary));
  });

  it("a clone whose Secret still leads to v6 is stopped", async () => {
    const source = { connection: reference("source"), trustServerCertificate: false };
    const spec = { operationalDatabases: databases({ mode: "clone", source }) };
    const connections = { server: connection("sql02", "Pulse"), source: connection("sql01", "Pulse") };
    const wrong = await ask("redpoint-environment", { spec, connections, objects: secret("sql01", "Pulse") });
    assert.equal(wrong.verdict, "failed");
    assert.match(wrong.text, /leads to v6's own database Pulse on sql01:1433/);
    const good = await ask("redpoint-environment", { spec, connections, objects: secret("sql02", "Pulse") });
    assert.equal(good.verdict, "passed", good.text);
  });
});

describe("operational databases and nodes in preflight", () => {
  const found = (version: string) => ({
    ...{ settings: databases(), which: "server" as const, server: "sql01:1433", kind: "sqlServer" as const, version },
    databases: [{ name: "Pulse", state: "ONLINE", role: "core" as const, tenant: null }],
    tenants: ["acme"],
  });
  const node = {
    name: "node-1",
    address: "10.0.0.1",
    port: 22,
    user: "rpi",
    hostKey: "ssh-ed25519 AAAA",
    privateKey: reference("key"),
  };

  it("lists what was found, and demands that the stack says where", async () => {
    const spec = { operationalDatabases: databases() };
    const good = await ask("databases", { spec, databases: () => Promise.resolve(found("16.0.1")) });
    assert.match(good.text, /1 database of 1 tenant on sql01:1433 \(SQL Server\)\nPulse: core/);
    assert.match((await ask("databases")).text, /does not say where[^]*cutover:operationalDatabases/);
  });

  it("SQL Server before 2019 is refused", async () => {
    const spec = { operationalDatabases: databases(), thirdParties: { sqlserver: { minimum: "15" } } };
    const of = (version: string) =>
      ask("database-server-version", { spec, databases: () => Promise.resolve(found(version)) });
    assert.equal((await of("15.0.4298.1")).verdict, "passed");
    assert.match((await of("14.0.3456.2")).text, /sqlserver 14\.0\.3456\.2, wanted/);
  });

  it("a backup folder that the server cannot take is refused", async () => {
    const settings = databases({ backupFolder: "backups" });
    const spec = { operationalDatabases: settings, platformSteps: ["backup"] };
    const result = await ask("backup-place", {
      spec,
      databases: () => Promise.resolve({ ...found("16.0.1"), settings }),
    });
    assert.match(result.text, /has to be an absolute folder as the server sees it/);
    const fine = { operationalDatabases: databases(), platformSteps: ["backup"] };
    assert.equal(
      (await ask("backup-place", { spec: fine, databases: () => Promise.resolve(found("16.0.1")) })).verdict,
      "passed",
    );
  });

  it("nodes need a procedure, and a migration in place needs nodes", async () => {
    const spec = { nodes: [node], procedure: null };
    assert.match((await ask("node-procedure", { spec })).text, /no release set says how[^]*node-1/);
    const silent = { platformSteps: ["quiesce"], operationalDatabases: databases() };
    assert.match((await ask("node-procedure", { spec: silent })).text, /names no node that is stopped before/);
    assert.equal((await ask("nodes-reachable")).verdict, "skipped");
  });
});
