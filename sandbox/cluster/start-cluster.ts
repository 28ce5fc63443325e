import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { CutoverError } from "../../model/error.ts";
import { freePorts } from "../process/free-port.ts";
import { recordProcess, type ProcessRecord } from "../process/registry.ts";
import { lastLines, runCommand, type RunResult } from "../process/run.ts";
import { tailOf } from "../process/start.ts";
import { stopProcesses } from "../process/stop.ts";
import { kwokConfiguration } from "./kwok-configuration.ts";

/** A Kubernetes control plane with two simulated nodes. */
export interface SandboxCluster {
  kubeconfig: string;
  /** Versions, for people. */
  line: string;
  /** Folder with one log per program of the control plane. */
  logs: string;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** Folder of the sandbox. */
  directory: string;
  /** Full path of a program of the toolchain. */
  binary(name: string): string;
  environment: NodeJS.ProcessEnv;
}

const attempts = 3;

/**
 * Starts API server, controller manager, scheduler, etcd and kwok as processes of this machine, on free loopback ports.
 * Ready in about 5 s. Throws CUT-9030 with the last lines of the logs when it does not come up.
 */
export async function startCluster(options: ClusterOptions): Promise<SandboxCluster> {
  for (let attempt = 1; ; attempt++) {
    const name = attempt === 1 ? "sandbox" : `sandbox-${attempt}`;
    const cluster = await createCluster(options, name);
    if ("kubeconfig" in cluster) return cluster;
    // Another program may have taken a port between our choice and its use.
    if (attempt === attempts) throw cluster;
  }
}

async function createCluster(options: ClusterOptions, name: string): Promise<SandboxCluster | CutoverError> {
  const folder = path.join(options.directory, "kwok", "clusters", name);
  const kubeconfig = path.join(options.directory, "kubeconfig");
  const environment = {
    ...withoutKwok(options.environment),
    KWOK_WORKDIR: path.join(options.directory, "kwok"),
    PATH: `${path.dirname(options.binary("kubectl"))}${path.delimiter}${options.environment["PATH"] ?? ""}`,
  };
  const [etcd = 0, etcdPeer = 0, apiServer = 0, manager = 0, scheduler = 0, kwok = 0] = await freePorts(6);
  const configuration = path.join(options.directory, `kwok-${name}.yaml`);
  await writeFile(configuration, await kwokConfiguration(options.binary("kubectl"), etcdPeer));
  await mkdir(path.dirname(folder), { recursive: true });
  const kwokctl = (...args: string[]): Promise<RunResult> =>
    runCommand(options.binary("kwokctl"), [...args, "--name", name], { environment, timeoutMilliseconds: 150_000 });

  const created = await kwokctl(
    ...["create", "cluster", "--runtime", "binary", "--wait", "60s", "--config", configuration],
    ...["--kubeconfig", kubeconfig, "--disable-qps-limits", "--secure-port"],
    ...["--kube-apiserver-binary", options.binary("kube-apiserver"), "--kube-apiserver-port", String(apiServer)],
    ...["--kube-controller-manager-binary", options.binary("kube-controller-manager")],
    ...["--kube-controller-manager-port", String(manager)],
    ...["--kube-scheduler-binary", options.binary("kube-scheduler"), "--kube-scheduler-port", String(scheduler)],
    ...["--kwok-controller-binary", options.binary("kwok"), "--controller-port", String(kwok)],
    ...["--etcd-binary", options.binary("etcd"), "--etcd-port", String(etcd)],
    // Nothing here has to survive a power failure, and nobody else is there to be elected.
    ...["--extra-args", "etcd=unsafe-no-fsync=true"],
    ...["--extra-args", "kube-controller-manager=leader-elect=false"],
    ...["--extra-args", "kube-scheduler=leader-elect=false"],
    // A claim that misses its volume's event is looked at again after 15 s otherwise.
    ...["--extra-args", "kube-controller-manager=pvclaimbinder-sync-period=1s"],
  );
  const records = await recordComponents(options.directory, folder);
  const scaled = created.exitCode === 0 ? await kwokctl("scale", "node", "--replicas", "2") : created;
  if (scaled.exitCode !== 0) {
    await stopProcesses(records, { graceMilliseconds: 1000 });
    return notUp(scaled, folder);
  }
  return {
    kubeconfig,
    logs: path.join(folder, "logs"),
    line: "Kubernetes v1.34.4: real API server, controller manager, scheduler and etcd; 2 simulated nodes (kwok v0.8.0)",
    stop: async () => void (await stopProcesses(records, { graceMilliseconds: 400 })),
  };
}

/** Settings of the user's own kwok must not reach ours. */
function withoutKwok(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([key]) => !key.startsWith("KWOK_")));
}

async function recordComponents(directory: string, folder: string): Promise<ProcessRecord[]> {
  const pids = path.join(folder, "pids");
  const records: ProcessRecord[] = [];
  for (const file of await readdir(pids).catch(() => [])) {
    const pid = Number(await readFile(path.join(pids, file), "utf8"));
    if (pid > 0) records.push(recordProcess(directory, path.basename(file, ".pid"), pid));
  }
  return records;
}

async function notUp(result: RunResult, folder: string): Promise<CutoverError> {
  const evidence = lastLines(result.stderr, 3);
  for (const component of ["etcd", "kube-apiserver", "kwok-controller"]) {
    const [line = ""] = await tailOf(path.join(folder, "logs", `${component}.log`), 1);
    evidence.push(`${component}: ${line.slice(0, 400)}`);
  }
  return new CutoverError({
    code: "CUT-9030",
    verdict: "errored",
    happened: "the sandbox's Kubernetes control plane did not start",
    evidence,
    untouched: "nothing outside the sandbox's folder",
    next: "try again; with too little memory (about 1 GB is needed) end other programs first",
  });
}
