import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { sha256 } from "../../model/ledger.ts";
import type { PlatformDefinition } from "../../model/platform.ts";
import { gzip, tar } from "../../sandbox/charts/archive.ts";

/** A platform of equal services that exists only in a benchmark's workspace. */
export interface SyntheticPlatform {
  /** Number of services. */
  size: number;
  /** `wide`: none waits for another; `chained`: each for the one before. */
  shape: "wide" | "chained";
  /** Release sets `r01`, `r02`, ...: each round goes to the next one. */
  releaseSets: number;
}

/** Name of the stack whose file `writeSyntheticPlatform` writes. */
export const syntheticStack = "synthetic-dev";

/** `r01` for 1. */
export function releaseSetName(number: number): string {
  return `r${String(number).padStart(2, "0")}`;
}

/** Names of the services, which are also their roles. */
export function serviceNames(size: number): string[] {
  return Array.from({ length: size }, (_, index) => `s${String(index + 1).padStart(2, "0")}`);
}

/** Writes platform, release sets and stack file into a workspace: a third platform, as data only (design.md). */
export async function writeSyntheticPlatform(workspace: string, wanted: SyntheticPlatform): Promise<void> {
  const names = serviceNames(wanted.size);
  const folder = path.join(workspace, "stacks", "synthetic");
  const definition: PlatformDefinition = {
    name: "synthetic",
    roles: names.map((role) => ({ role })),
    sequential: wanted.shape === "chained",
    order: { upgrade: names, install: names },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "platform.ts"), `export const platform = ${JSON.stringify(definition)};\n`);
  const sets = Array.from({ length: wanted.releaseSets }, (_, index) => releaseSetName(index + 1));
  for (const set of sets) await writeReleaseSet(path.join(folder, "releases", set), set, names);
  await writeFile(path.join(folder, "releases", "index.yaml"), stringify({ releases: sets }));
  const settings = { "cutover:platform": "synthetic", "cutover:environment": "dev", "cutover:release": sets[0] };
  await writeFile(path.join(workspace, "stacks", `Pulumi.${syntheticStack}.yaml`), stringify({ config: settings }));
}

async function writeReleaseSet(folder: string, set: string, names: readonly string[]): Promise<void> {
  const archive = gzip(
    tar(Object.entries(chart).map(([file, text]) => ({ path: `service/${file}`, content: Buffer.from(text) }))),
  );
  const role = {
    chart: { path: "charts/service.tgz", version: "1.0.0", sha256: sha256(archive) },
    image: { tag: set },
    // Without `check`: it wants all other services healthy, which side by side they are not.
    steps: ["release", "verify"],
    gates: [{ kind: "pods", name: "pods" }],
  };
  await mkdir(path.join(folder, "charts"), { recursive: true });
  await writeFile(path.join(folder, "charts", "service.tgz"), archive);
  const roles = Object.fromEntries(names.map((name) => [name, role]));
  await writeFile(path.join(folder, "release.yaml"), stringify({ name: set, roles }, { aliasDuplicateObjects: false }));
}

// Its pod is played by the sandbox's simulators like an exporter: Ready after their start time.
const chart = {
  "Chart.yaml": "apiVersion: v2\nname: service\ntype: application\nversion: 1.0.0\n",
  "values.yaml": 'image:\n  tag: ""\n',
  "templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    app.kubernetes.io/name: service
    app.kubernetes.io/instance: {{ .Release.Name }}
    app.kubernetes.io/managed-by: {{ .Release.Service }}
spec:
  replicas: 1
  selector:
    matchLabels: &selector
      app.kubernetes.io/name: service
      app.kubernetes.io/instance: {{ .Release.Name }}
  template:
    metadata:
      labels: *selector
      annotations:
        sandbox.cutover.dev/application: exporter
    spec:
      containers:
        - name: service
          image: service:{{ .Values.image.tag }}
`,
};
