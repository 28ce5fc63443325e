import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { sha256 } from "../../model/ledger.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import { assistantOutput, canary } from "../unit/redpoint/assistant-output.ts";
import { errorText } from "../unit/stacks/expect-error.ts";
import { createProject, type ProjectFixture } from "../unit/stacks/fixture.ts";
import { releaseType, runProgram, type Program } from "./recorder.ts";

const stack = "redpoint-test";
const base = [
  "  cutover:platform: redpoint",
  "  cutover:environment: dev",
  "  cutover:release: v7",
  "  cutover:tenants: [{ id: acme }]",
];
const sealed = (text: string): string[] => [...base, `  cutover:upgradeAssistant: { secure: "v1:${text}" }`];

function redpointProject(): ProjectFixture {
  const project = createProject();
  const role = (name: string): string[] => [
    `  ${name}:`,
    `    chart: { path: charts/rpi.tgz, version: 7.7.0, sha256: ${sha256("rpi")} }`,
    "    image: { tag: 7.7.1, valuesKey: global.deployment.images.tag }",
    "    values: values/rpi.yaml",
  ];
  project.write("stacks/redpoint/platform.ts", "");
  project.write("stacks/redpoint/releases/index.yaml", "releases: [v7]\n");
  project.write("stacks/redpoint/releases/v7/charts/rpi.tgz", "rpi");
  project.write(
    "stacks/redpoint/releases/v7/values/rpi.yaml",
    "SMTPSettings: { SMTP_SenderName: RPI }\nglobal: { a: 1 }\n",
  );
  project.write(
    "stacks/redpoint/releases/v7/release.yaml",
    ["name: v7", "roles:", ...role("rpi"), ...role("rpi-realtime"), ""].join("\n"),
  );
  project.stack(stack, sealed("aaa"));
  return project;
}

describe("program: Helm values of a Pulumi secret", () => {
  let project: ProjectFixture;
  let program: Program;
  before(async () => {
    project = redpointProject();
    program = await runProgram(project.root, [], false, {
      stack,
      secrets: { "cutover:upgradeAssistant": assistantOutput },
    });
  });
  after(() => project.remove());

  it("reach the releases as secrets, above the files; what cannot be touched stays readable", async () => {
    for (const name of ["rpi", "rpi-realtime-acme"]) {
      const { values } = program.of(name, releaseType).props as { values: Record<string, pulumi.Input<unknown>> };
      assert.deepEqual(values["global"], { a: 1, deployment: { images: { tag: "7.7.1" } } });
      for (const key of ["SMTPSettings", "realtimeapi", "queuereader", "ingress", "databases"]) {
        const value = values[key];
        assert.ok(pulumi.Output.isInstance(value), `${name} ${key}`);
        assert.equal(await pulumi.isSecret(value), true, `${name} ${key}`);
      }
    }
    const { values } = program.of("rpi", releaseType).props as { values: Record<string, pulumi.Output<unknown>> };
    assert.ok(pulumi.Output.isInstance(values["SMTPSettings"]));
    const smtp = await new Promise((resolve) => values["SMTPSettings"]?.apply(resolve));
    assert.deepEqual(smtp, {
      SMTP_SenderName: "RPI",
      SMTP_SenderAddress: `noreply@${canary}.example`,
      SMTP_Address: `smtp.${canary}.example`,
      SMTP_Port: 2525,
      EnableSSL: false,
      UseCredentials: false,
    });
  });

  it("reach preflight by a secret environment variable, and no other step at all", async () => {
    const withSecret: string[] = [];
    for (const { name, props } of program.resources) {
      const environment = props["environment"] as Record<string, pulumi.Output<string>> | undefined;
      const secret = environment?.["CUTOVER_UPGRADE_ASSISTANT"];
      if (secret === undefined) continue;
      assert.equal(await pulumi.isSecret(secret), true, name);
      withSecret.push(name);
    }
    assert.deepEqual(withSecret, ["preflight"]);
  });

  it("stand in clear in no input of any resource, and in no output of the stack", () => {
    for (const [key, inputs] of program.sent) {
      const { environment: _environment, ...rest } = inputs;
      const clear = JSON.stringify(
        withoutSecrets(key.startsWith(releaseType) ? { ...rest, values: readable(rest["values"]) } : rest),
      );
      assert.doesNotMatch(clear, new RegExp(canary), key);
    }
    assert.doesNotMatch(JSON.stringify(program.outputs), new RegExp(canary));
  });

  it("change a service's digest when the secret is set anew, by its ciphertext alone", async () => {
    const digests = async (): Promise<string[]> =>
      (await planStack(project.root, stack, async () => [])).services.map(({ service }) => service.digest);
    const before = await digests();
    assert.deepEqual(await digests(), before);
    project.stack(stack, sealed("bbb"));
    const after = await digests();
    assert.ok(after.every((digest, index) => digest !== before[index]));
    project.stack(stack, base);
    const without = await digests();
    assert.ok(without.every((digest, index) => digest !== before[index] && digest !== after[index]));
  });

  it("must not stand in the stack file in clear, and mirroring is refused with the reason", async () => {
    const plan = () => planStack(project.root, stack, async () => []);
    project.stack(stack, [...base, `  cutover:upgradeAssistant: '${JSON.stringify({ General: { a: canary } })}'`]);
    const text = await errorText("CUT-2013", plan);
    assert.match(text, /pulumi config set --secret cutover:upgradeAssistant/);
    assert.doesNotMatch(text, new RegExp(canary));
    project.stack(stack, [...base, "  cutover:operationalDatabases: { mode: mirror }"]);
    const mirror = await errorText("CUT-2069", plan);
    assert.match(mirror, /redpoint-test\.yaml:6:\d+: mode mirror .*is not done by cutover.*docs\/redpoint-mirror\.md/);
  });
});

// Under Pulumi's mocks values arrive unwrapped: what is secret was proven above, key by key.
const secretKeys = ["SMTPSettings", "realtimeapi", "queuereader", "ingress", "databases"];
function readable(values: unknown): unknown {
  const entries = Object.entries((values ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.filter(([key]) => !secretKeys.includes(key)));
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== "object") return value;
  // The SDK's signature of a secret.
  if ("4dabf18193072939515e22adb298388d" in value) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
