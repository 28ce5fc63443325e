import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";

interface Role {
  steps?: string[];
  backup?: unknown;
  migrate?: unknown;
  gates?: { kind: string }[];
}

/** Leaves of every release set only the Helm releases and their pods gates: no check, inventory, backup, migration, metrics. */
export async function keepReleasesAndPodGates(workspace: string): Promise<void> {
  const releases = path.join(workspace, "stacks", "infomart", "releases");
  for (const entry of await readdir(releases, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const file = path.join(releases, entry.name, "release.yaml");
    const set = parse(await readFile(file, "utf8")) as { roles: Record<string, Role> };
    for (const role of Object.values(set.roles)) {
      role.steps = ["release", "verify"];
      role.gates = (role.gates ?? []).filter((gate) => gate.kind === "pods");
      delete role.backup;
      delete role.migrate;
    }
    await writeFile(file, stringify(set));
  }
}
