import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { packArchive } from "../../clients/chart-archive.ts";
import { runProcess } from "../../clients/process.ts";
import { sha256 } from "../../model/ledger.ts";
import { ensureToolchain } from "../../sandbox/toolchain/ensure-toolchain.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import { errorText } from "../unit/stacks/expect-error.ts";
import { createProject, type ProjectFixture } from "../unit/stacks/fixture.ts";
import { withEnvironment } from "./clients-world.ts";

const release = "stacks/infomart/releases/b2/release.yaml";

/** A chart with `+` in its version: a tag cannot hold it, Helm writes `_`. */
const version = "1.0.0+3700";
const archive = packArchive([
  { path: "gsp/Chart.yaml", content: Buffer.from(`apiVersion: v2\nname: gsp\nversion: ${version}\n`) },
  { path: "gsp/templates/a.yaml", content: Buffer.from("") },
]);

describe("a chart by OCI, from a real registry", function () {
  this.timeout(600_000);
  let project: ProjectFixture;
  let registry: ChildProcess;
  let port: number;
  let restore: () => void;

  before(async () => {
    const say = (line: string): void => void process.stderr.write(`      ${line}\n`);
    const toolchain = await ensureToolchain({ say, tools: ["helm", "registry"] });
    restore = withEnvironment({ PATH: [...toolchain.folders, process.env["PATH"] ?? ""].join(path.delimiter) });
    port = await freePort();
    registry = spawn(toolchain.binary("registry"), ["--port", String(port)], { stdio: "ignore" });
    await until(() => fetch(`http://127.0.0.1:${port}/v2/`).then(({ ok }) => ok));
  });
  after(() => {
    registry.kill("SIGTERM");
    restore();
  });
  beforeEach(async () => {
    project = createProject();
    const file = path.join(project.root, "push.tgz");
    writeFileSync(file, archive);
    const pushed = await runProcess(["helm", "push", file, `oci://127.0.0.1:${port}/team`, "--plain-http"]);
    assert.equal(pushed.exitCode, 0, pushed.stderr);
  });
  afterEach(() => project.remove());

  const use = (reference: string, digest: string, wanted = version): void => {
    const text = readFileSync(path.join(project.root, release), "utf8");
    const chart = `chart: { oci: "${reference}", version: ${wanted}, sha256: "${digest}" }`;
    project.write(release, text.replace(/ {2}gsp:\n {4}chart: .*/, `  gsp:\n    ${chart}`));
  };
  const plan = () => planStack(project.root, "infomart-dev", async () => []);

  it("is pulled once with exactly the bytes that were pushed; afterwards no registry is needed", async () => {
    use(`oci://127.0.0.1:${port}/team/gsp`, sha256(archive));
    const { services } = await plan();
    const chart = services.find(({ service }) => service.role === "gsp")?.service.chart;
    assert.equal(chart?.path, `.cutover/charts/${sha256(archive)}/gsp-${version}.tgz`);
    assert.deepEqual(readFileSync(path.join(project.root, chart.path)), archive);
    // The same digest elsewhere: nobody is asked any more.
    use("oci://127.0.0.1:1/team/gsp", sha256(archive));
    await plan();
  });

  it("with other bytes, without that version, or from nowhere is refused", async () => {
    const wrong = "0".repeat(64);
    use(`oci://127.0.0.1:${port}/team/gsp`, wrong);
    const text = await errorText("CUT-2043", plan);
    assert.ok(text.includes(`sha256 named: ${wrong}`) && text.includes(`sha256 found: ${sha256(archive)}`));
    use(`oci://127.0.0.1:${port}/team/gsp`, wrong, "9.9.9");
    assert.match(await errorText("CUT-2060", plan), /helm pull failed[^]*team\/gsp version 9\.9\.9/);
    use("oci://127.0.0.1:1/team/gsp", wrong);
    assert.match(await errorText("CUT-2060", plan), /could not be fetched[^]*refused/);
    assert.ok(!existsSync(path.join(project.root, ".cutover/charts")));
  });
});

async function until(ready: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    if (await ready().catch(() => false)) return;
    assert.ok(tries < 200, "the registry did not begin to serve");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const free = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(free));
    });
  });
}
