import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject } from "../../../model/layering.ts";
import { layerValues, valueAt } from "../../../model/layering.ts";
import { applicationSecret } from "../../../model/redpoint/application-secret.ts";
import { chartGeneration } from "../../../model/redpoint/chart-generation.ts";
import { automaticDatabaseWork, clearSecrets, missingValues } from "../../../model/redpoint/chart-values.ts";
import { readAddress, sameServer, type DatabaseAddress } from "../../../model/redpoint/database-address.ts";
import { environmentProblems, type EnvironmentFacts } from "../../../model/redpoint/environment.ts";
import {
  cacheProviders,
  databaseProviderProblems,
  queueProviders,
  realtimeProviderProblems,
} from "../../../model/redpoint/providers.ts";
import { realtimeProblems } from "../../../model/redpoint/realtime.ts";
import { errorText } from "../stacks/expect-error.ts";

const values = (...pairs: [path: string, value: JsonObject[string]][]): JsonObject =>
  layerValues(pairs.map(([path, value]) => valueAt(path, value)));
const good77 = values(
  ["global.deployment.platform", "selfhosted"],
  ["global.deployment.images.registry", "registry.example/rpi"],
  ["global.deployment.images.tag", "7.7.20260630.1153"],
  ["databases.operational.provider", "sqlserveronvm"],
  ["ingress.domain", "rpi.example"],
  ["storage.persistentVolumeClaims.FileOutputDirectory.enabled", true],
);
const good76 = values(
  ["global.deployment.platform", "azure"],
  ["global.deployment.images.tag", "7.6.20250722.1216"],
  ["databases.operational.provider", "sqlserver"],
  ["databases.operational.server_host", "sql01"],
  ["databases.operational.server_username", "rpi"],
  ["databases.operational.server_password", "x"],
  ["databases.operational.pulse_database_name", "Pulse"],
  ["databases.operational.pulse_logging_database_name", "Pulse_Logging"],
  ["ingress.domain", "rpi.example"],
);
const without = (from: JsonObject, path: string): JsonObject => layerValues([from, valueAt(path, null)]);

describe("values by generation of the chart", () => {
  it("the generation follows from the version; other majors are refused", async () => {
    assert.deepEqual(["7.1.0", "7.6.0", "7.7.0", "v7.8.1", "7.10.0"].map(chartGeneration), [
      "upTo76",
      "upTo76",
      "from77",
      "from77",
      "from77",
    ]);
    for (const version of ["6.7.0", "8.0.0", "latest", "77"])
      await errorText("CUT-2067", () => chartGeneration(version));
  });

  it("each value that a generation needs is named when it is missing or a placeholder", () => {
    assert.deepEqual(missingValues(good77, "from77"), []);
    assert.deepEqual(missingValues(good76, "upTo76"), []);
    for (const path of ["global.deployment.platform", "global.deployment.images.tag", "ingress.domain"]) {
      assert.match(missingValues(without(good77, path), "from77").join(), new RegExp(`^${path} is not set`));
    }
    const placeholder = layerValues([
      good76,
      valueAt("databases.operational.server_host", "<my-database-server-host>"),
    ]);
    assert.match(missingValues(placeholder, "upTo76").join(), /^databases\.operational\.server_host is not set/);
    const noShare = layerValues([good77, valueAt("storage.persistentVolumeClaims.FileOutputDirectory.enabled", false)]);
    assert.match(missingValues(noShare, "from77").join(), /FileOutputDirectory\.enabled is not true: from 7\.7 on/);
    assert.deepEqual(missingValues(without(good77, "storage"), "upTo76").length > 0, true);
  });

  it("values of the other generation are named: Helm would ignore or refuse them", () => {
    assert.match(
      missingValues(layerValues([good77, valueAt("cloudIdentity.secretsManagement.x", 1)]), "from77").join(),
      /charts 7\.6 or older/,
    );
    assert.match(
      missingValues(layerValues([good76, valueAt("secretsManagement.provider", "sdk")]), "upTo76").join(),
      /charts 7\.7 or newer/,
    );
  });

  it("a Secret that exists needs no password in the values of 7.6", () => {
    const own = layerValues([
      without(good76, "databases.operational.server_password"),
      valueAt("cloudIdentity.secretsManagement.autoCreateSecrets", false),
    ]);
    assert.deepEqual(missingValues(own, "upTo76"), []);
  });

  it("nothing in the chart may upgrade or install databases by itself", () => {
    assert.deepEqual(automaticDatabaseWork(good77), []);
    for (const path of ["databaseUpgrade.enabled", "postInstall.enabled"])
      assert.equal(automaticDatabaseWork(values([path, true])).length, 1, path);
  });

  it("secrets in clear are found by their key, placeholders are not", () => {
    const found = clearSecrets(
      values(
        ["databases.operational.server_password", "x1"],
        ["realtimeapi.cacheProvider.mongodb.connectionString", "mongodb://a"],
        ["a.password", ""],
        ["b.password", "<my>"],
        ["SMTPSettings.SMTP_Port", 1],
      ),
    );
    assert.deepEqual(found, [
      "databases.operational.server_password",
      "realtimeapi.cacheProvider.mongodb.connectionString",
    ]);
  });
});

describe("providers that the chart has", () => {
  it("sqlserver on selfhosted sets no database type, and is refused", () => {
    const of = (provider: string, platform: string): string[] =>
      databaseProviderProblems(
        values(["databases.operational.provider", provider], ["global.deployment.platform", platform]),
      );
    assert.match(of("sqlserver", "selfhosted").join(), /sets no database type at all; write sqlserveronvm/);
    for (const platform of ["azure", "amazon", "google"]) assert.deepEqual(of("sqlserver", platform), []);
    for (const provider of ["sqlserveronvm", "postgresql"]) assert.deepEqual(of(provider, "selfhosted"), []);
    assert.equal(of("oracle", "moon").length, 2);
  });

  it("caches and queues of v6 that v7 lacks are refused with what to do", () => {
    const of = (cache: string, queue: string): string[] =>
      realtimeProviderProblems(
        values(["realtimeapi.cacheProvider.provider", cache], ["realtimeapi.queueProvider.provider", queue]),
      );
    for (const cache of cacheProviders) for (const queue of queueProviders) assert.deepEqual(of(cache, queue), []);
    const [cache, queue] = of("Cassandra", "MSMQ");
    assert.match(cache ?? "", /Cassandra: v6 can use it, the chart of v7 cannot.*move the realtime cache to mongodb/);
    assert.match(queue ?? "", /MSMQ: v6 can use it.*rabbitmq/);
    assert.match(of("cassndra", "").join(), /is cassndra; the chart has.*queueProvider\.provider is not set/);
    assert.deepEqual(realtimeProviderProblems(values(["realtimeapi.enabled", false])), []);
  });
});

describe("the Secret of v7's pods", () => {
  it("needs seven keys from 7.7 on, and those of what is switched on", () => {
    const plain = applicationSecret(values(["realtimeapi.enabled", false]), "from77");
    assert.equal(plain?.name, "redpoint-rpi-secrets");
    assert.equal(plain?.keys.length, 7);
    const full = applicationSecret(
      values(
        ["realtimeapi.cacheProvider.provider", "mongodb"],
        ["realtimeapi.queueProvider.provider", "azureservicebus"],
        ["SMTPSettings.UseCredentials", true],
        ["secretsManagement.kubernetes.secretName", "mine"],
      ),
      "from77",
    );
    assert.equal(full?.name, "mine");
    for (const key of [
      "RealtimeAPI_Auth_Token",
      "RealtimeAPI_MongoCache_ConnectionString",
      "RealtimeAPI_ServiceBus_ConnectionString",
      "SMTP_Password",
    ])
      assert.ok(full?.keys.includes(key), key);
  });

  it("is the chart's own up to 7.6 unless it is told not to, and nobody's with a vault", () => {
    assert.equal(applicationSecret(good76, "upTo76"), null);
    const told = layerValues([good76, valueAt("cloudIdentity.secretsManagement.autoCreateSecrets", false)]);
    assert.ok(applicationSecret(told, "upTo76")?.keys.includes("ConnectionString_Operations_Database"));
    assert.equal(applicationSecret(values(["secretsManagement.provider", "sdk"]), "from77"), null);
  });
});

describe("one realtime release per tenant", () => {
  const release = (name: string, tenant: string | null, namespace: string, enabled: boolean) => ({
    ...{ name, tenant, namespace, values: values(["realtimeapi.enabled", enabled]) },
  });
  it("is right with one each, in namespaces of their own", () => {
    assert.deepEqual(
      realtimeProblems([
        release("rpi", null, "rpi", false),
        release("rt-a", "a", "rt-a", true),
        release("rt-b", "b", "rt-b", true),
      ]),
      [],
    );
    assert.deepEqual(realtimeProblems([release("rpi", null, "rpi", true)]), []);
  });
  it("names a main release that serves too, a silent tenant, and two in one namespace", () => {
    assert.match(
      realtimeProblems([release("rpi", null, "rpi", true), release("rt-a", "a", "rt-a", true)]).join(),
      /rpi: realtimeapi\.enabled must be false/,
    );
    assert.match(
      realtimeProblems([release("rt-a", "a", "rt-a", false)]).join(),
      /rt-a: it is a tenant's realtime release/,
    );
    assert.match(
      realtimeProblems([release("rt-a", "a", "rt", true), release("rt-b", "b", "rt", true)]).join(),
      /both bring the Service rpi-realtimeapi into namespace rt/,
    );
  });
});

describe("where a connection string leads", () => {
  const cases: [text: string, expected: Partial<DatabaseAddress>][] = [
    [
      "Server=tcp:SQL01.corp.example.,1433;Database=Pulse;User ID=a;Password=b",
      { host: "sql01.corp.example", port: 1433, database: "Pulse", provider: "sqlserver" },
    ],
    [
      'Data Source=sql01\\RPI;Initial Catalog=Pulse;uid=a;pwd="x;y""z"',
      { host: "sql01", instance: "rpi", password: 'x;y"z' },
    ],
    ["Server=(local);Database=Pulse", { host: "127.0.0.1", port: 1433 }],
    ["PostgreSQL:Server=pg01;Database=Pulse;User Id=a;Password=b;", { provider: "postgresql", port: 5432 }],
    ["Host=pg01;Port=6432;Database=Pulse", { provider: "postgresql", port: 6432 }],
  ];
  for (const [text, expected] of cases) {
    it(text.split(";")[0] ?? "", () => {
      const { ...found } = readAddress(text);
      for (const [key, value] of Object.entries(expected))
        assert.equal(found[key as keyof DatabaseAddress], value, key);
    });
  }
  it("two forms of one server are the same server", () => {
    const one = readAddress("Server=tcp:SQL01,1433;Database=a");
    const other = readAddress("Data Source=sql01;Initial Catalog=b");
    assert.ok(one !== null && other !== null && sameServer(one, other));
    assert.equal(readAddress("Database=a"), null);
  });
});

describe("production at v6, a clone away from it", () => {
  const at = (where: string, server: string, database: string) => {
    const address = readAddress(`Server=${server};Database=${database}`);
    assert.ok(address !== null);
    return { where, address };
  };
  const facts = (more: Partial<EnvironmentFacts>): EnvironmentFacts => ({
    mode: "inPlace",
    stack: at("the stack's Secret", "sql01", "Pulse"),
    source: null,
    used: [],
    core: "Pulse",
    tenantsAreRewritten: false,
    recorded: null,
    providers: { cache: "redis", queue: "rabbitmq" },
    ...more,
  });
  it("in place: every place leads to the recorded v6", () => {
    const recorded = { server: "tcp:sql01,1433", core: "Pulse", cacheProvider: "redis", queueProvider: "rabbitmq" };
    assert.deepEqual(environmentProblems(facts({ used: [at("rpi", "SQL01,1433", "Pulse")], recorded })), []);
    const wrong = environmentProblems(
      facts({
        used: [at("rpi: Secret", "sql02", "Pulse")],
        recorded: { ...recorded, server: "sql09", cacheProvider: "mongodb" },
      }),
    );
    assert.match(
      wrong.join("\n"),
      /rpi: Secret leads to sql02:1433[^]*recorded of v6: sql09[^]*cache is redis; recorded of v6: mongodb/,
    );
  });
  it("a clone: nothing leads to v6's own database, on whatever name it is known", () => {
    const clone = { mode: "clone", source: at("the source", "sql01", "Pulse") } as const;
    assert.deepEqual(environmentProblems(facts({ ...clone, stack: at("s", "sql02", "Pulse") })), []);
    assert.match(
      environmentProblems(facts({ ...clone, stack: at("s", "sql01", "Pulse_dev") })).join(),
      /need operationalDatabases\.tenantConnections/,
    );
    assert.deepEqual(
      environmentProblems(facts({ ...clone, stack: at("s", "sql01", "Pulse_dev"), tenantsAreRewritten: true })),
      [],
    );
    const used = [at("rpi: Secret", "tcp:sql01,1433", "pulse")];
    assert.match(
      environmentProblems(facts({ ...clone, stack: at("s", "sql02", "Pulse"), used })).join(),
      /rpi: Secret leads to v6's own database pulse/,
    );
    assert.match(environmentProblems(facts({ mode: "clone" })).join(), /source is not set/);
  });
  it("no clone that shares server and database with its source ever passes", () => {
    const name = fc.constantFrom("sql01", "SQL01.", "tcp:sql01,1433", "sql02", "sql02,1433", "sql01\\rpi");
    const database = fc.constantFrom("Pulse", "PULSE", "Pulse_dev");
    fc.assert(
      fc.property(
        name,
        database,
        name,
        database,
        fc.boolean(),
        (server, own, sourceServer, other, tenantsAreRewritten) => {
          const [stack, source] = [at("s", server, own), at("v6", sourceServer, other)];
          const problems = environmentProblems(facts({ mode: "clone", stack, source, tenantsAreRewritten }));
          const shared = sameServer(stack.address, source.address);
          if (shared && own.toLowerCase() === other.toLowerCase()) assert.ok(problems.length > 0);
          if (shared && !tenantsAreRewritten) assert.ok(problems.length > 0);
          if (!shared) assert.deepEqual(problems, []);
        },
      ),
    );
  });
});
