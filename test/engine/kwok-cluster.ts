// A throwaway control plane (API server, controllers, etcd, simulated nodes) for engine tests; binaries come from PATH.
import { mkdtemp, rm, access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { start } from "./engine-project.ts";

/** Runs argv to its end and gives its output; throws when it fails. */
export async function runOrThrow(
  argv: readonly string[],
  cwd: string,
  environment: Record<string, string>,
): Promise<string> {
  const { code, output } = await start(argv, cwd, environment).ended;
  if (code !== 0) throw new Error(`${argv.slice(0, 3).join(" ")} ended with ${String(code)}:\n${output}`);
  return output;
}

async function onPath(name: string): Promise<string> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, name);
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  throw new Error(`${name} is not on PATH; the toolchain must be`);
}

/** A running cluster; `remove` ends its processes and deletes its files. */
export class KwokCluster {
  readonly folder: string;
  readonly kubeconfig: string;
  private readonly name: string;
  private readonly environment: Record<string, string>;

  private constructor(folder: string, name: string) {
    this.folder = folder;
    this.name = name;
    this.kubeconfig = join(folder, "kubeconfig.yaml");
    this.environment = { KWOK_WORKDIR: join(folder, "kwok"), KUBECONFIG: this.kubeconfig };
  }

  /** Starts a cluster with one simulated node on free ports. */
  static async create(): Promise<KwokCluster> {
    const folder = await mkdtemp(join(tmpdir(), "cutover-kwok-"));
    const cluster = new KwokCluster(folder, `engine-${process.pid}-${Date.now()}`);
    const binaries = { "kube-apiserver": "", "kube-controller-manager": "", "kube-scheduler": "", etcd: "", kwok: "" };
    for (const name of Object.keys(binaries) as (keyof typeof binaries)[]) binaries[name] = await onPath(name);
    await cluster.kwokctl(
      "create",
      "cluster",
      "--runtime",
      "binary",
      "--wait",
      "60s",
      "--kubeconfig",
      cluster.kubeconfig,
      "--kube-apiserver-binary",
      binaries["kube-apiserver"],
      "--kube-controller-manager-binary",
      binaries["kube-controller-manager"],
      "--kube-scheduler-binary",
      binaries["kube-scheduler"],
      "--etcd-binary",
      binaries.etcd,
      "--kwok-controller-binary",
      binaries.kwok,
    );
    await cluster.kwokctl("scale", "node", "--replicas", "1");
    return cluster;
  }

  private kwokctl(...argv: string[]): Promise<string> {
    return runOrThrow(["kwokctl", "--name", this.name, ...argv], this.folder, this.environment);
  }

  kubectl(...argv: string[]): Promise<string> {
    return runOrThrow(["kubectl", ...argv], this.folder, this.environment);
  }

  helm(...argv: string[]): Promise<string> {
    return runOrThrow(["helm", ...argv], this.folder, this.environment);
  }

  async remove(): Promise<void> {
    await this.kwokctl("delete", "cluster");
    await rm(this.folder, { recursive: true, force: true });
  }
}
