import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CutoverError } from "../../../model/error.ts";
import { ClusterApi } from "../../../sandbox/simulators/cluster-api.ts";
import { Company } from "../../../sandbox/simulators/company.ts";
import { FaultBoard } from "../../../sandbox/simulators/fault-board.ts";
import { answerRequests, listen } from "../../../sandbox/simulators/server.ts";
import { defaultTimings } from "../../../sandbox/simulators/settings.ts";
import { startSimulators } from "../../../sandbox/simulators/start.ts";
import { samplePod } from "./sample-pod.ts";

const kubeconfig = `
current-context: here
contexts: [{ name: here, context: { cluster: here, user: me } }]
clusters: [{ name: here, cluster: { server: "http://127.0.0.1:9" } }]
users: [{ name: me, user: {} }]
`;

describe("the simulators' server", () => {
  const directory = mkdtempSync(join(tmpdir(), "cutover-simulators-"));
  const config = join(directory, "kubeconfig");
  const faults = new FaultBoard();
  let url = "";
  let close = (): void => undefined;

  before(async () => {
    writeFileSync(config, kubeconfig);
    const { server, url: address } = await listen();
    url = address;
    close = () => void server.close();
    answerRequests(
      server,
      new Company({ api: new ClusterApi(config), faults, timings: defaultTimings, directory, url }),
      faults,
    );
  });
  after(() => {
    close();
    rmSync(directory, { recursive: true });
  });

  it("lists no targets and no state without pods", async () => {
    for (const path of ["/prometheus-targets", "/state"])
      assert.deepEqual(await (await fetch(`${url}${path}`)).json(), []);
  });

  it("has no metrics of pods that do not exist", async () => {
    assert.equal((await fetch(`${url}/metrics/gim/gim-t100-abc`)).status, 503);
    assert.equal((await fetch(`${url}/elsewhere`)).status, 404);
  });

  it("takes faults, refuses unknown ones and keeps those it has", async () => {
    const put = (body: string): Promise<Response> => fetch(`${url}/faults`, { method: "PUT", body });
    const pod = samplePod({ release: "gim-t100", image: "gim/gim:1" });
    assert.equal((await put('[{"application":"gim","fault":"growingLag"}]')).status, 200);
    assert.ok(faults.find(pod, "growingLag"));
    assert.equal((await put('[{"application":"gim","fault":"explode"}]')).status, 400);
    assert.ok(faults.find(pod, "growingLag"));
  });

  it("a job that GIM does not have ends with a usage line and exit code 2", async () => {
    const body = JSON.stringify({ namespace: "gim", pod: "gim", arguments: ["-job", "Job_Other"] });
    const lines = (await (await fetch(`${url}/gim/job`, { method: "POST", body })).text()).trim().split("\n");
    assert.match(lines[0] ?? "", /usage: .*-make-export-views/);
    assert.deepEqual(JSON.parse(lines.at(-1) ?? ""), { exitCode: 2 });
  });

  it("a process that cannot start says why", async () => {
    const environment = { PATH: process.env.PATH ?? "" };
    await assert.rejects(
      startSimulators({ directory, kubeconfig: join(directory, "missing"), environment }),
      (error: unknown) => {
        assert.ok(error instanceof CutoverError);
        assert.equal(error.details.code, "CUT-9310");
        assert.match((error.details.evidence ?? []).join("\n"), /ENOENT/);
        return true;
      },
    );
  });
});
