import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ClusterApi } from "./cluster-api.ts";
import { applicationOf, type Pod } from "./pod.ts";

/** A line in the format of container log files, which kwok serves to `kubectl logs`. */
export function logLine(at: Date, text: string): string {
  return `${at.toISOString().replace("Z", "000000Z")} stdout F ${text.replaceAll("\n", " ")}\n`;
}

/** The log of one pod, kept in a file. */
export class PodLog {
  readonly file: string;
  readonly previousFile: string;

  /** `directory`: folder of all simulated pods. */
  constructor(directory: string, pod: Pod) {
    const name = `${pod.metadata.namespace}_${pod.metadata.name}`;
    const folder = join(directory, "pod-logs");
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, `${name}.log`);
    this.previousFile = join(folder, `${name}.previous.log`);
    for (const file of [this.file, this.previousFile]) writeFileSync(file, "", { flag: "a" });
  }

  /** Adds one line. */
  write(text: string): void {
    appendFileSync(this.file, logLine(new Date(), text));
  }

  /** The container restarts: what was logged so far becomes the previous log. */
  rotate(): void {
    copyFileSync(this.file, this.previousFile);
    writeFileSync(this.file, "");
  }
}

/** Makes `kubectl logs` and `kubectl exec` of the pod work; the objects go away with the pod. */
export async function publishDebugging(api: ClusterApi, pod: Pod, log: PodLog, simulatorUrl: string): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const metadata = { name, namespace, ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid }] };
  const environment = { SIMULATOR_URL: simulatorUrl, POD_NAME: name, POD_NAMESPACE: namespace, NODE: process.execPath };
  const envs = Object.entries(environment).map(([key, value]) => ({ name: key, value }));
  const workDir = fileURLToPath(new URL(applicationOf(pod) === "gim" ? "gim/" : "./", import.meta.url));
  const base = `/apis/kwok.x-k8s.io/v1alpha1/namespaces/${namespace}`;
  const apiVersion = "kwok.x-k8s.io/v1alpha1";
  const logs = [{ logsFile: log.file, previousLogsFile: log.previousFile, follow: false }];
  await Promise.all([
    api.patch(`${base}/logs/${name}`, { apiVersion, kind: "Logs", metadata, spec: { logs } }, "apply"),
    api.patch(
      `${base}/execs/${name}`,
      { apiVersion, kind: "Exec", metadata, spec: { execs: [{ local: { workDir, envs } }] } },
      "apply",
    ),
  ]);
}
