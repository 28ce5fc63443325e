import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { StepRequest } from "../../model/step.ts";
import { stepRequestSchema } from "../../model/step.ts";
import { targetDigest } from "../../model/digest.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import { createProject, devLines, type ProjectFixture } from "../unit/stacks/fixture.ts";
import { ledgerOf } from "../unit/stacks/ledger-pages.ts";
import { everythingBefore, password, releaseType, runProgram, work, type Program } from "./recorder.ts";

describe("program: the graph of a stack", () => {
  let project: ProjectFixture;
  let program: Program;
  before(async () => {
    project = createProject();
    program = await runProgram(project.root, []);
  });
  after(() => project.remove());
  const request = (name: string, from: Program = program): StepRequest =>
    stepRequestSchema.parse(JSON.parse(String(from.inputs(name)["stdin"])));

  it("declares all steps in upgrade order", () => {
    const gim = (tenant: string): string[] => {
      const name = `gim-${tenant}`;
      return [`${name}-check`, `${name}-inventory`, `${name}-backup`, name, `${name}-migrate`, `${name}-verify`];
    };
    const plain = (name: string): string[] => [`${name}-check`, name, `${name}-verify`];
    assert.deepEqual(work(program), [
      "preflight",
      ...gim("t100"),
      ...gim("t200"),
      ...plain("gim-monitoring"),
      ...plain("gsp"),
      ...plain("gca-t100"),
      ...plain("gca-t200"),
      ...plain("gca-monitoring"),
      "finish",
    ]);
  });

  it("each step waits for everything declared before it", () => {
    const names = work(program);
    for (const [index, name] of names.entries()) {
      const before = everythingBefore(program, name);
      assert.deepEqual(
        names.slice(0, index).filter((earlier) => !before.has(earlier)),
        [],
        `${name} does not wait for these`,
      );
      assert.deepEqual(
        [...before].filter((each) => names.indexOf(each) >= index),
        [],
        `${name} waits for these`,
      );
    }
  });

  it("owns every resource, and its types and names stay as they are", () => {
    assert.deepEqual(
      program.resources
        .filter(({ type }) => type.startsWith("cutover:"))
        .map(({ type, name, parent }) => [type, name, parent]),
      [
        ["cutover:index:Platform", "infomart", undefined],
        ...["gim-t100", "gim-t200", "gim-monitoring", "gsp", "gca-t100", "gca-t200", "gca-monitoring"].map((name) => [
          "cutover:index:Service",
          name,
          "cutover:index:Platform infomart",
        ]),
      ],
    );
    assert.equal(program.of("preflight").parent, "cutover:index:Platform infomart");
    assert.equal(program.of("finish").parent, "cutover:index:Platform infomart");
    for (const kind of ["check", "inventory", "backup", "migrate", "verify"]) {
      assert.equal(program.of(`gim-t100-${kind}`).parent, "cutover:index:Service gim-t100");
    }
    assert.equal(program.of("gim-t100", releaseType).parent, "cutover:index:Service gim-t100");
  });

  it("gives every Helm release an explicit name, a pinned version, a relative chart and its digest", () => {
    const release = program.inputs("gca-t100");
    const { digest } = (request("gca-t100-verify").spec["service"] ?? {}) as { digest: string };
    assert.deepEqual(release, {
      ...{ name: "gca-t100", namespace: "gca", version: "1.0.0", timeout: 900, skipAwait: false },
      chart: "stacks/infomart/releases/b2/charts/gca.tgz",
      values: { tenant_id: "t100" },
      description: `sha256:${digest} b2`,
      compat: "true",
    });
    assert.equal(program.inputs("gsp")["skipAwait"], true);
    assert.ok(!("atomic" in program.inputs("gim-t100")));
  });

  it("triggers are digest and attempt, and after the release also its revision", () => {
    const { digest } = (request("gim-t100-verify").spec["service"] ?? {}) as { digest: string };
    for (const kind of ["check", "inventory", "backup"]) {
      assert.deepEqual(program.inputs(`gim-t100-${kind}`)["triggers"], [digest, "1.1"]);
    }
    for (const kind of ["migrate", "verify"]) {
      assert.deepEqual(program.inputs(`gim-t100-${kind}`)["triggers"], [digest, "1.1", 7]);
    }
    const { target } = request("preflight");
    assert.deepEqual(program.inputs("preflight")["triggers"], [target.digest, "1.1"]);
    assert.deepEqual(program.inputs("finish")["triggers"], [target.digest, "1.1"]);
  });

  it("commands never run again by an update, and have nothing to delete", () => {
    const commands = program.resources.filter(({ type }) => type === "command:local:Command");
    assert.ok(commands.length > 20);
    for (const { name } of commands) {
      const inputs = program.inputs(name);
      assert.equal(inputs["create"], "node steps/bootstrap.cjs");
      assert.equal(inputs["update"], 'printf %s "$PULUMI_COMMAND_STDOUT"');
      assert.equal(inputs["addPreviousOutputInEnv"], true);
      assert.equal(inputs["logging"], "stderr");
      assert.ok(!("delete" in inputs) && !("dir" in inputs), name);
      assert.equal(request(name).attempt, "1.1");
    }
  });

  it("a check looks at all other services, in an order that no rollback changes", () => {
    const { others } = request("gsp-check").spec as { others: { name: string }[] };
    assert.deepEqual(
      others.map(({ name }) => name),
      ["gca-monitoring", "gca-t100", "gca-t200", "gim-monitoring", "gim-t100", "gim-t200"],
    );
  });

  it("hands the password on as a secret, by environment, to steps with a database only", async () => {
    const withSecret: string[] = [];
    for (const { name, props } of program.resources) {
      const environment = props["environment"] as Record<string, pulumi.Output<string>> | undefined;
      const secret = environment?.["CUTOVER_DATABASE_PASSWORD"];
      if (secret === undefined) continue;
      assert.equal(await pulumi.isSecret(secret), true, name);
      withSecret.push(name);
    }
    const steps = ["inventory", "backup", "migrate", "verify"];
    assert.deepEqual(
      withSecret.sort(),
      ["preflight", ...["gim-t100", "gim-t200"].flatMap((name) => steps.map((step) => `${name}-${step}`))].sort(),
    );
    for (const [key, inputs] of program.sent) {
      const { environment: _environment, ...rest } = inputs;
      assert.doesNotMatch(JSON.stringify(rest), new RegExp(password), key);
    }
    assert.doesNotMatch(JSON.stringify(program.outputs), new RegExp(password));
  });

  it("protects the releases outside dev, and only those", async () => {
    assert.ok(program.resources.every(({ protect }) => protect !== true));
    project.stack("infomart-dev", devLines.with(1, "  cutover:environment: prod"));
    const prod = await runProgram(project.root, []);
    const unprotected = prod.resources.filter(({ type, protect }) => (type === releaseType) !== (protect === true));
    assert.deepEqual(unprotected, []);
    project.stack("infomart-dev", devLines);
  });

  it("shows a reviewer versions, revisions, verdicts and the ledger's head", () => {
    const { services, verdicts, ...rest } = program.outputs as Record<string, Record<string, unknown>>;
    const { digest } = (request("gim-t100-verify").spec["service"] ?? {}) as { digest: string };
    assert.deepEqual(services?.["gim-t100"], {
      releaseSet: "b2",
      chartVersion: "1.0.0",
      imageTag: "b2.1",
      revision: 7,
      digest,
    });
    assert.deepEqual(verdicts?.["gsp"], { pods: "passed" });
    assert.equal(rest["platform"], "infomart");
    assert.equal(rest["releaseSet"], "b2");
    assert.equal(rest["ledgerHead"], "ab".repeat(32));
  });

  it("leaves absent services out and takes pinned ones from their own release set", async () => {
    project.stack("infomart-dev", [...devLines, "  cutover:pins: { gca: absent, gim-t200: a1 }"]);
    const pinned = await runProgram(project.root, []);
    assert.ok(!work(pinned).some((name) => name.startsWith("gca-t")));
    assert.equal(pinned.inputs("gim-t200")["chart"], "stacks/infomart/releases/a1/charts/gim.tgz");
    assert.equal(pinned.inputs("gim-t100")["chart"], "stacks/infomart/releases/b2/charts/gim.tgz");
    project.stack("infomart-dev", devLines);
  });

  it("a no-op repeats the verified run's inputs, to the letter", async () => {
    const ran = await planStack(project.root, "infomart-dev", async () => []);
    const again = await runProgram(project.root, ledgerOf([ran]));
    assert.deepEqual(again.sent, program.sent);
    assert.equal(
      request("preflight", again).target.digest,
      targetDigest(
        "b2",
        ran.services.map(({ service }) => service),
      ),
    );
  });

  it("after a change only the changed service and the platform's own steps have new inputs", async () => {
    const ran = await planStack(project.root, "infomart-dev", async () => []);
    project.write("stacks/infomart/values/dev/gsp.yaml", "changed: true\n");
    const changed = await runProgram(project.root, ledgerOf([ran]));
    const different = [...changed.sent].filter(
      ([key, inputs]) => JSON.stringify(inputs) !== JSON.stringify(program.sent.get(key)),
    );
    assert.deepEqual(different.map(([key]) => key.split(" ")[1]).sort(), [
      "finish",
      "gsp",
      "gsp-check",
      "gsp-verify",
      "preflight",
    ]);
  });

  it("names the kubeconfig's context to the releases when the stack file does", async () => {
    assert.ok(!program.resources.some(({ type }) => type === "pulumi:providers:kubernetes"));
    project.stack("infomart-dev", [...devLines, "  cutover:cluster: { context: kind }"]);
    const named = await runProgram(project.root, []);
    assert.equal(named.sent.get("pulumi:providers:kubernetes cluster")?.["context"], "kind");
    project.stack("infomart-dev", devLines);
  });
});
