import { rm } from "node:fs/promises";
import { startCluster } from "./cluster/start-cluster.ts";
import type { Sandbox, SandboxOptions } from "./contracts.ts";
import { pathWith, sandboxEnvironment } from "./environment.ts";
import { startKafka, type SandboxKafka } from "./kafka/start-kafka.ts";
import { startPostgres } from "./postgres/start-postgres.ts";
import { beforeSignalEnds } from "./process/on-signal.ts";
import { startReaper } from "./process/reaper.ts";
import { markedProcesses, recordedProcesses } from "./process/registry.ts";
import { signalProcess, stopEverything, stopProcesses } from "./process/stop.ts";
import { startPrometheus } from "./prometheus/start-prometheus.ts";
import { makeSandboxFolder } from "./sandbox-folder.ts";
import { ensurePlugins } from "./toolchain/ensure-plugins.ts";
import { ensureToolchain, type Toolchain } from "./toolchain/ensure-toolchain.ts";

/** Tenants that a sandbox has when nothing else is asked for. */
export const defaultTenants: readonly string[] = ["t100", "t200"];
const defaultFactRows = 2000;

/**
 * Makes a sandbox: a control plane with simulated nodes, PostgreSQL, Prometheus, Kafka where it can be had, the vendors'
 * applications as simulators. Everything on free loopback ports and in one folder, so that several run side by side.
 * Ends with `stop`, with a signal, and, by the reaper, also when this process is killed. Throws CUT-90xx.
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const say = options.say ?? (() => undefined);
  const toolchain = await ensureToolchain({ say });
  const directory = await makeSandboxFolder();
  const reaper = startReaper(directory);
  const remove = async (): Promise<void> => {
    await stopEverything(directory, 1500);
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    signalProcess({ name: "reaper", ...reaper }, "SIGKILL");
  };
  let ending: Promise<void> | null = null;
  const end = (first: () => Promise<void>): Promise<void> => (ending ??= first().then(remove, remove));
  const forgetSignal = beforeSignalEnds(() => end(() => Promise.resolve()));
  try {
    const sandbox = await startParts(directory, toolchain, options, say);
    const stop = (): Promise<void> => end(() => sandbox.stop()).finally(forgetSignal);
    return { ...sandbox, stop };
  } catch (error) {
    await end(() => Promise.resolve()).finally(forgetSignal);
    throw error;
  }
}

async function startParts(
  directory: string,
  toolchain: Toolchain,
  options: SandboxOptions,
  say: (line: string) => void,
): Promise<Sandbox> {
  const binary = (name: string): string => toolchain.binary(name);
  const base = sandboxEnvironment(directory);
  const common = { directory, environment: base, say };
  const [plugins, cluster, database, kafka] = await allOrFirstError([
    ensurePlugins({ pulumi: binary("pulumi"), say }),
    startCluster({ ...common, binary }),
    startPostgres(common),
    options.kafka === false ? noKafka("not asked for") : startKafka(common),
  ]);
  for (const line of plugins.lines) say(line);
  say(kafka.line);
  const environment = { ...base, PATH: pathWith([...plugins.folders, ...toolchain.folders], base["PATH"] ?? "") };

  // Loaded here: they are large, and a sandbox that did not come up does not need them.
  const { prepareApplications } = await import("./simulators/prepare.ts");
  const { startSimulators } = await import("./simulators/start.ts");
  const world = { kubeconfig: cluster.kubeconfig, database, environment, say };
  await prepareApplications({
    ...world,
    prefixes: options.prefixes ?? [""],
    tenants: options.tenants ?? [...defaultTenants],
    factRows: options.factRows ?? defaultFactRows,
  });
  const simulators = await startSimulators({ ...world, directory });
  const prometheus = await startPrometheus({ ...common, binary: binary("prometheus"), simulatorUrl: simulators.url });
  return {
    directory,
    kubeconfig: cluster.kubeconfig,
    environment,
    database,
    prometheusUrl: prometheus.url,
    kafka: kafka.address,
    simulators,
    parts: [...toolchain.lines, ...plugins.lines, cluster.line, database.line, kafka.line],
    stop: async () => {
      await stopVisitors(directory);
      await simulators.stop();
      await Promise.all([prometheus.stop(), kafka.stop()]);
      await Promise.all([cluster.stop(), database.stop()]);
    },
  };
}

/** Waits for all, so that nothing is still being started when the caller cleans up after an error. */
async function allOrFirstError<Parts extends readonly unknown[]>(work: {
  [Index in keyof Parts]: Promise<Parts[Index]>;
}): Promise<Parts> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return Promise.all(work);
}

function noKafka(reason: string): Promise<SandboxKafka> {
  return Promise.resolve({ address: null, line: `Kafka: NONE, ${reason}`, stop: () => Promise.resolve() });
}

/** What pulumi and the steps have left running goes before the servers that it talks to. */
async function stopVisitors(directory: string): Promise<void> {
  const servers = new Set(recordedProcesses(directory).map((record) => record.pid));
  await stopProcesses(
    markedProcesses(directory).filter((record) => !servers.has(record.pid)),
    { graceMilliseconds: 1000 },
  );
}
