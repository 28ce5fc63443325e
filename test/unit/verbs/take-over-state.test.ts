import assert from "node:assert/strict";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeOverState } from "../../../automation/adopt/take-over-state.ts";
import type { Candidate } from "../../../automation/adopt/compare.ts";
import type { Pulumi } from "../../../automation/pulumi-command.ts";
import { CutoverError } from "../../../model/error.ts";

const release = "urn:pulumi:dev::cutover::kubernetes:helm.sh/v3:Release::gsp";
const candidate = { service: { name: "gsp" }, revision: 3 } as unknown as Candidate;
const old = JSON.stringify({ version: 3, deployment: { resources: [], secrets_providers: { type: "passphrase" } } });

/** A pulumi that keeps one state in memory. */
function simulatedPulumi(after: { op: string; revision: number; importFails?: boolean }) {
  const newState = { urn: release, type: "kubernetes:helm.sh/v3:Release", custom: true, inputs: { name: "gsp" } };
  const world = { state: old, imports: 0 };
  const pulumi: Pulumi = (argv, input) => {
    if (argv[0] === "preview") {
      const op = world.state === old ? "create" : after.op;
      return Promise.resolve(JSON.stringify({ steps: [{ op, urn: release, newState }] }));
    }
    if (argv[1] === "import") {
      world.imports += 1;
      if (after.importFails === true && world.imports > 1) return Promise.reject(new Error("disk full"));
      world.state = input ?? "";
    }
    if (argv[0] === "refresh") {
      const state = JSON.parse(world.state) as { deployment: { resources: { outputs: unknown }[] } };
      for (const one of state.deployment.resources) one.outputs = { status: { revision: after.revision } };
      world.state = JSON.stringify(state);
    }
    return Promise.resolve(world.state);
  };
  return { world, pulumi };
}

const refusal = async (root: string, pulumi: Pulumi) => {
  try {
    await takeOverState(root, "dev", [candidate], pulumi);
  } catch (error) {
    if (error instanceof CutoverError) return error.details;
    throw error;
  }
  return assert.fail("it was taken over");
};

describe("taking Helm releases over into Pulumi's state", () => {
  it("keeps the rest of the state and adds the release", async () => {
    const { world, pulumi } = simulatedPulumi({ op: "same", revision: 3 });
    await takeOverState("/nowhere", "dev", [candidate], pulumi);
    const { deployment } = JSON.parse(world.state) as { deployment: Record<string, unknown> };
    assert.deepEqual(deployment["secrets_providers"], { type: "passphrase" });
    assert.equal((deployment["resources"] as unknown[]).length, 1);
  });

  it("puts the old state back when Pulumi would upgrade a release, or Helm made a new revision meanwhile", async () => {
    for (const after of [
      { op: "update", revision: 3 },
      { op: "same", revision: 4 },
    ]) {
      const { world, pulumi } = simulatedPulumi(after);
      const { code, evidence } = await refusal("/nowhere", pulumi);
      assert.equal(code, "CUT-6452");
      assert.match(evidence?.join() ?? "", /gsp/);
      assert.equal(world.state, old);
    }
  });

  it("keeps the old state in a file when it cannot be put back, and says how", async () => {
    const root = await mkdtemp(join(tmpdir(), "cutover-test-"));
    const { pulumi } = simulatedPulumi({ op: "update", revision: 3, importFails: true });
    const { next } = await refusal(root, pulumi);
    const file = /--file (\S+),/.exec(next ?? "")?.[1] ?? "";
    assert.equal(await readFile(file, "utf8"), old);
  });
});
