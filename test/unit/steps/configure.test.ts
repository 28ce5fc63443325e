import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kubernetes, KubernetesObject } from "../../../clients/contracts.ts";
import { beginAttempt } from "../../../clients/ledger-run.ts";
import { CutoverError } from "../../../model/error.ts";
import type { Outcome } from "../../../steps/context.ts";
import { run } from "../../../steps/configure.ts";
import { serveHttp, type Loopback } from "../clients/loopback.ts";
import { identity, ledgerIn, stack, stepContext, type StepInput } from "./upgrade-context.ts";

const key = "RPI7-S3CR-ET00-KEY0-0001";
const secret = (data: Record<string, string>): Kubernetes => {
  const encoded = Object.entries(data).map(([name, value]) => [name, Buffer.from(value).toString("base64")]);
  const object = {
    metadata: { name: "rpi-licence" },
    data: Object.fromEntries(encoded) as Record<string, string>,
  } as KubernetesObject;
  return { get: () => Promise.resolve(object) } as unknown as Kubernetes;
};

describe("the step configure", function () {
  this.timeout(60_000);
  let folder: string;
  let server: Loopback;
  let posts: string[];
  let api: { active: boolean; accepts: boolean; activates: boolean };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "cutover-configure-"));
    posts = [];
    api = { active: false, accepts: true, activates: true };
    server = await serveHttp((request, answer) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        if (request.method === "GET") return answer.writeHead(200).end(JSON.stringify({ IsActivated: api.active }));
        posts.push(body);
        api.active ||= api.accepts && api.activates;
        return answer
          .writeHead(api.accepts ? 200 : 400)
          .end(`{"detail":"key ${(JSON.parse(body) as { ActivationKey: string }).ActivationKey} seen"}`);
      });
    });
    await begin();
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const begin = () =>
    beginAttempt(ledgerIn(folder), { attempt: "1.1", stack, target: { releaseSet: "v7.6", digest: "t1" } }, []);
  const directory = { name: "Environment > FileOutputDirectory", value: "${values:mount}" };
  const destination = {
    name: "Environment > FileExportLocation",
    allowed: [{ value: "0", meaning: "File Output Directory" }],
  };
  const spec = (change: Record<string, unknown> = {}, licence: object | undefined = undefined) => ({
    service: identity,
    configure: {
      endpoint: { service: "rpi-deploymentapi", url: `http://127.0.0.1:${server.port}` },
      licence: licence ?? { systemName: "acme", secret: "rpi-licence", key: "activation-key" },
      settings: [],
      ...(change["configure"] as object | undefined),
    },
    values: { mount: "/rpifileoutputdir" },
    tenants: ["t1", "t2"],
    tenantSettings: null,
    operationalDatabases: null,
  });
  const step = (more: Partial<StepInput> = {}): Promise<Outcome> =>
    run(
      stepContext({ folder, step: "configure", spec: spec(), kubernetes: secret({ "activation-key": key }), ...more }),
    );
  const refused = async (work: Promise<unknown>): Promise<CutoverError["details"]> => {
    const error: unknown = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof CutoverError, String(error));
    return error.details;
  };

  it("activates the licence once, and not again when it is active", async () => {
    assert.equal((await step()).facts?.["licence"], "activated");
    assert.deepEqual(JSON.parse(posts[0] ?? ""), { ActivationKey: key, SystemName: "acme" });
    assert.equal((await step()).facts?.["licence"], "active");
    assert.equal(posts.length, 1);
  });

  it("an active licence needs no Secret; a missing Secret or key is told with the command that makes it", async () => {
    const nothing = { get: () => Promise.resolve(null) } as unknown as Kubernetes;
    const missing = await refused(step({ kubernetes: nothing }));
    assert.deepEqual([missing.code, missing.verdict], ["CUT-5731", "failed"]);
    assert.match(
      missing.next ?? "",
      /kubectl create secret generic rpi-licence -n rpi --from-file=activation-key=FILE/,
    );
    const other = await refused(step({ kubernetes: secret({ other: "x", "activation-key": " " }) }));
    assert.match(other.evidence?.join() ?? "", /key activation-key of Secret rpi\/rpi-licence is empty/);
    assert.equal(posts.length, 0);
    api.active = true;
    assert.equal((await step({ kubernetes: nothing })).verdict, "passed");
  });

  it("a refused key fails with the API's words and without the key; one POST only", async () => {
    api.accepts = false;
    const { code, verdict, evidence } = await refused(step());
    assert.deepEqual([code, verdict], ["CUT-5732", "failed"]);
    assert.match(evidence?.join() ?? "", /answers 400: .*key \[redacted\] seen/);
    assert.doesNotMatch(JSON.stringify(evidence), /S3CR/);
    assert.equal(posts.length, 1);
  });

  const withSettings = (...settings: object[]) => spec({ configure: { settings } });
  const attest = (tenant: string, setting: string, value: string, digest = "d1") =>
    ledgerIn(folder).append({
      ...{ kind: "attestation", service: "rpi", tenant, setting, value, releaseSet: "v7.6", digest },
      by: { username: "anna", groups: [] },
    });

  it("without statements every setting of every tenant has to be attested; the pause says how", async () => {
    api.active = true;
    const input = { spec: withSettings(directory, destination) };
    const { code, verdict, exitCode, evidence, next = "" } = await refused(step(input));
    assert.deepEqual([code, verdict, exitCode], ["CUT-5743", "inconclusive", 19]);
    assert.equal(evidence?.length, 4);
    assert.match(
      next,
      /cutover attest redpoint-dev --tenant t1 --setting 'Environment > FileOutputDirectory' --value \/rpifileoutputdir/,
    );
    assert.match(next, /--tenant t2 --all/);
    for (const tenant of ["t1", "t2"]) {
      await attest(tenant, directory.name, "/rpifileoutputdir");
      await attest(tenant, destination.name, "0");
    }
    const outcome = await step(input);
    assert.deepEqual([outcome.verdict, outcome.facts?.["attested"]], ["passed", 4]);
  });

  it("another mount path than the chart's fails with both values", async () => {
    api.active = true;
    await attest("t1", directory.name, "/fileoutputdir");
    const { code, verdict, evidence } = await refused(step({ spec: withSettings(directory) }));
    assert.deepEqual([code, verdict], ["CUT-5742", "failed"]);
    assert.match(
      evidence?.[0] ?? "",
      /t1: Environment > FileOutputDirectory is \/fileoutputdir, as attested, must be \/rpifileoutputdir/,
    );
  });

  it("an attestation of other values of the service does not count", async () => {
    api.active = true;
    for (const tenant of ["t1", "t2"]) await attest(tenant, directory.name, "/rpifileoutputdir", "older");
    assert.equal((await refused(step({ spec: withSettings(directory) }))).code, "CUT-5743");
  });

  it("a mount path that the values do not have is told before any tenant is looked at", async () => {
    api.active = true;
    const wrong = { ...directory, value: "${values:storage.mountPath}" };
    assert.equal((await refused(step({ spec: withSettings(wrong) }))).code, "CUT-5740");
  });
});
