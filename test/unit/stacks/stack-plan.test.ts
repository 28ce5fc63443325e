import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import {
  backupStepSpec,
  checkSpec,
  inventorySpec,
  migrateStepSpec,
  preflightSpec,
  verifySpec,
} from "../../../model/step-specs.ts";
import { identityOf, specOf } from "../../../components/service-specs.ts";
import { planStack, type StackPlan } from "../../../stacks/stack-plan.ts";
import { errorText } from "./expect-error.ts";
import { createProject, devLines, type ProjectFixture } from "./fixture.ts";
import { ledgerOf } from "./ledger-pages.ts";

describe("stack plan", () => {
  let project: ProjectFixture;
  beforeEach(() => (project = createProject()));
  afterEach(() => project.remove());
  const plan = (
    lines: readonly string[] = devLines,
    pages: Parameters<typeof ledgerOf>[0] = [],
  ): Promise<StackPlan> => {
    project.stack("infomart-dev", lines);
    return planStack(project.root, "infomart-dev", async () => ledgerOf(pages));
  };
  const service = async (name: string, lines?: readonly string[]) => {
    const found = (await plan(lines)).services.find((planned) => planned.service.name === name);
    assert.ok(found !== undefined, `${name} is missing`);
    return found.service;
  };

  it("expands tenants in upgrade order, each service needing the one before", async () => {
    const { services, preflight } = await plan();
    assert.deepEqual(
      services.map(({ service: { name, namespace, helmRelease, needs } }) => [
        name,
        namespace,
        helmRelease,
        needs.join(),
      ]),
      [
        ["gim-t100", "gim", "gim-t100", ""],
        ["gim-t200", "gim", "gim-t200", "gim-t100"],
        ["gim-monitoring", "gim", "gim-monitoring", "gim-t200"],
        ["gsp", "gsp", "gsp", "gim-monitoring"],
        ["gca-t100", "gca", "gca-t100", "gsp"],
        ["gca-t200", "gca", "gca-t200", "gca-t100"],
        ["gca-monitoring", "gca", "gca-monitoring", "gca-t200"],
      ],
    );
    assert.deepEqual(preflight.installOrder, [
      "gsp",
      "gca-t100",
      "gca-t200",
      "gca-monitoring",
      "gim-t100",
      "gim-t200",
      "gim-monitoring",
    ]);
  });

  it("puts a prefix before namespaces, or everything into a single one", async () => {
    assert.equal(
      (await service("gca-monitoring", [...devLines, "  cutover:namespaces: { prefix: staging- }"])).namespace,
      "staging-gca",
    );
    assert.equal(
      (await service("gca-monitoring", [...devLines, "  cutover:namespaces: { single: genesys }"])).namespace,
      "genesys",
    );
  });

  it("layers values: release set, environment, stack, then what follows from the service", async () => {
    project.write(
      "stacks/infomart/values/dev/gim.yaml",
      "replicas: 2\nkafka: { security: plain }\nimage: { tag: wrong, pullPolicy: Always }\n",
    );
    project.write("stacks/infomart/values/infomart-dev/gim.yaml", "replicas: 3\nlist: [1]\n");
    assert.deepEqual((await service("gim-t100")).values, {
      replicas: 3,
      name: "gim-t100 of t100",
      kafka: { bootstrap: "b2", security: "plain" },
      image: { tag: "b2.1", pullPolicy: "Always" },
      list: [1],
      tenant_id: "t100",
      db: { secret: { name: "gim-gim-secrets", key: "gim-t100" } },
    });
  });

  it("knows where a tenant's credentials are, and gives only GIM a database", async () => {
    assert.deepEqual((await service("gim-t200")).database, {
      namespace: "gim",
      secret: "gim-gim-secrets",
      key: "gim-t200",
    });
    assert.equal((await service("gca-t200")).database, null);
  });

  it("expands placeholders of gates and applies gateSettings", async () => {
    const { gates } = await service("gim-t100", [
      ...devLines,
      "  cutover:gateSettings: { gim-lag: { windowSeconds: 5 } }",
    ]);
    const lag = gates.find((gate) => gate.kind === "metric");
    assert.equal(lag?.query, 'lag{namespace="gim",pod=~"gim-t100-.*"}');
    assert.equal(lag.windowSeconds, 5);
    assert.equal(lag.tolerance, 1000);
  });

  it("refuses gateSettings of unknown gates and unknown fields", async () => {
    const unknown = [...devLines, "  cutover:gateSettings: { gim-lags: { windowSeconds: 5 } }"];
    assert.match(
      await errorText("CUT-2035", () => plan(unknown)),
      /gate gim-lags, which no release set has \(did you mean gim-lag\?\)/,
    );
    const field = [...devLines, "  cutover:gateSettings: { gim-pods: { windowSeconds: 5 } }"];
    assert.match(await errorText("CUT-2034", () => plan(field)), /do not fit a gate of kind pods[\s\S]*windowSeconds/);
  });

  it("honours pins by role and by service, and absent", async () => {
    const { services } = await plan([...devLines, "  cutover:pins: { gca: a1, gim-t200: a1, gsp: absent }"]);
    assert.deepEqual(
      services.map(({ service: { name, releaseSet } }) => `${name} ${releaseSet}`),
      ["gim-t100 b2", "gim-t200 a1", "gim-monitoring b2", "gca-t100 a1", "gca-t200 a1", "gca-monitoring b2"],
    );
    assert.deepEqual(services.find(({ service: { name } }) => name === "gca-t100")?.service.needs, ["gim-monitoring"]);
  });

  it("refuses unknown pins, pinned sets, tenants, platforms, placeholders and roles", async () => {
    assert.match(
      await errorText("CUT-2032", () => plan([...devLines, "  cutover:pins: { gps: a1 }"])),
      /gps, .*did you mean gsp\?/,
    );
    assert.match(
      await errorText("CUT-2040", () => plan([...devLines, "  cutover:pins: { gsp: a7 }"])),
      /release set a7 is unknown/,
    );
    assert.match(await errorText("CUT-2031", () => plan(devLines.slice(0, 3))), /one gim and one gca per tenant/);
    assert.match(
      await errorText("CUT-2031", () => plan(devLines.with(3, "  cutover:tenants: [{ id: t1 }, { id: t1 }]"))),
      /t1 is listed twice/,
    );
    assert.match(
      await errorText("CUT-2030", () => plan(devLines.with(0, "  cutover:platform: infomat"))),
      /did you mean infomart\?/,
    );
    project.write("stacks/infomart/values/dev/gsp.yaml", "a: ${tenant}\n");
    assert.match(
      await errorText("CUT-2020", () => plan()),
      /\$\{tenant\} in the values of gsp \(b2\) has no meaning here/,
    );
    project.write("stacks/infomart/values/dev/gsp.yaml", "a: ${namespce}\n");
    assert.match(
      await errorText("CUT-2020", () => plan()),
      /\$\{namespce\} .* is unknown \(did you mean namespace\?\)/,
    );
  });

  it("gives every step what its schema wants", async () => {
    const { services, preflight, settings } = await plan();
    assert.deepEqual(preflightSpec.parse(preflight), preflight);
    const gim = services[0];
    assert.ok(gim !== undefined);
    const outside = { operationalDatabases: null, nodes: [], procedure: null, tenantSettings: null };
    const context = { prometheus: null, backupFolder: settings.backupFolder, acknowledged: [], outside };
    const identity = identityOf(gim.service, "b2");
    const schemas = {
      check: checkSpec,
      inventory: inventorySpec,
      backup: backupStepSpec,
      migrate: migrateStepSpec,
      verify: verifySpec,
    };
    for (const [kind, schema] of Object.entries(schemas)) {
      const spec = specOf(kind as keyof typeof schemas, gim.service, identity, [], context);
      assert.deepEqual(schema.parse(spec), spec);
    }
  });

  it("tells preflight which folders are run, by what they are judged, and what the stack demands", async () => {
    const { preflight, releaseSetHash } = await plan([...devLines, "  cutover:pins: { gsp: a1, gca: absent }"]);
    const { lower, window, approvals, announce, rehearsal, releaseSets } = preflight.guards;
    assert.deepEqual(
      { lower, window, approvals, announce, rehearsal },
      {
        ...{ lower: null, window: null, approvals: [], announce: null, rehearsal: null },
      },
    );
    assert.equal(releaseSets["b2"]?.hash, releaseSetHash);
    assert.deepEqual(Object.keys(releaseSets["b2"].judgedBy).sort(), ["gca-monitoring", "gim", "gim-monitoring"]);
    assert.deepEqual(Object.keys(releaseSets["a1"]?.judgedBy ?? {}), ["gsp"]);
  });

  it("judges two stacks by the same digests unless their gates differ", async () => {
    const judges = async (lines: readonly string[]) => (await plan(lines)).preflight.guards.releaseSets["b2"]?.judgedBy;
    const dev = await judges(devLines);
    assert.deepEqual(await judges([...devLines, "  cutover:namespaces: { prefix: staging- }"]), dev);
    assert.deepEqual(await judges([...devLines, "  cutover:gateSettings: { gim-lag: { timeoutSeconds: 60 } }"]), dev);
    const weaker = await judges([...devLines, "  cutover:gateSettings: { gim-lag: { windowSeconds: 5 } }"]);
    assert.notEqual(weaker?.["gim"], dev?.["gim"]);
    assert.equal(weaker?.["gsp"], dev?.["gsp"]);
  });

  it("without a ledger every attempt is unknown", async () => {
    project.stack("infomart-dev", devLines);
    const { run, services } = await planStack(project.root, "infomart-dev", async () => null);
    assert.deepEqual(
      [...new Set([run, ...services.map(({ trigger }) => trigger)].map(({ attempt }) => attempt))],
      ["unknown"],
    );
  });

  it("a no-op after a passed run asks exactly what that run asked", async () => {
    const first = await plan(devLines.with(2, "  cutover:release: a1"));
    const second = await plan(devLines, [first]);
    assert.equal(second.run.attempt, "2.1");
    assert.deepEqual(await plan(devLines, [first, second]), second);
  });

  it("the way back is what was verified before this run, resolved", async () => {
    const first = await plan(devLines.with(2, "  cutover:release: a1"));
    assert.deepEqual(first.preflight.waysBack, []);
    const second = await plan(devLines, [first]);
    const gim = second.preflight.waysBack.find((way) => way.service === "gim-t100");
    assert.equal(gim?.target?.releaseSet, "a1");
    assert.equal(gim.target.digest, first.services[0]?.service.digest);
    rmSync(path.join(project.root, "stacks/infomart/releases/a1"), { recursive: true });
    const third = await plan(devLines, [first]);
    const gone = third.preflight.waysBack.find((way) => way.service === "gim-t100");
    assert.equal(gone?.target, null);
    assert.match(gone.problem ?? "", /CUT-2040 .*a1/);
  });

  it("a service in which nothing changed keeps its trigger, its chart's path and its description", async () => {
    const first = await plan(devLines.with(2, "  cutover:release: a1"));
    const second = await plan(devLines, [first]);
    const [before, after] = [first, second].map((each) => each.services.find(({ service }) => service.name === "gsp"));
    assert.deepEqual(after?.trigger, before?.trigger);
    assert.equal(after?.service.chart.path, before?.service.chart.path);
    const changed = second.services.find(({ service }) => service.name === "gim-t100");
    assert.equal(changed?.trigger.attempt, "2.1");
    assert.equal(changed.trigger.releaseSet, "b2");
  });

  it("notes and third parties come from every release set that is involved", async () => {
    const { preflight } = await plan([...devLines, "  cutover:pins: { gsp: a1 }"]);
    assert.deepEqual(
      preflight.notes.map((note) => note.id),
      ["note-a1", "note-b2"],
    );
    assert.deepEqual(preflight.thirdParties, { postgresql: { minimum: "12" } });
    assert.deepEqual(
      (await plan()).preflight.notes.map((note) => note.id),
      ["note-b2"],
    );
  });
});
