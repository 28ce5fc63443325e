import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { CutoverError } from "../../model/error.ts";
import { freePort } from "../process/free-port.ts";
import { startProcess, type BackgroundProcess } from "../process/start.ts";
import { stopProcesses } from "../process/stop.ts";
import { waitFor } from "../process/wait-for.ts";

/** A Prometheus that scrapes what the simulators list. */
export interface SandboxPrometheus {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts Prometheus on a free loopback port. The targets of `<simulatorUrl>/prometheus-targets` (Prometheus' http_sd format)
 * are scraped twice a second, through one merging target (see merge-targets-main.ts). Throws CUT-9040 when it does not
 * become ready.
 */
export async function startPrometheus(options: {
  directory: string;
  binary: string;
  simulatorUrl: string;
  environment: NodeJS.ProcessEnv;
}): Promise<SandboxPrometheus> {
  const folder = path.join(options.directory, "prometheus");
  await mkdir(folder);
  const merge = await startMerging(options);
  const configuration = path.join(folder, "prometheus.yml");
  await writeFile(configuration, stringify(scrapeConfiguration(merge.target)));
  const address = `127.0.0.1:${await freePort()}`;
  const server = await startProcess({
    directory: options.directory,
    name: "prometheus",
    command: options.binary,
    args: [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${path.join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--scrape.discovery-reload-interval=100ms",
    ],
    environment: options.environment,
  });
  const url = `http://${address}`;
  const ready = await waitFor(async () => (await fetch(`${url}/-/ready`)).ok, {
    timeoutMilliseconds: 60_000,
    giveUp: () => !server.running(),
  });
  if (!ready) {
    throw new CutoverError({
      code: "CUT-9040",
      verdict: "errored",
      happened: "the sandbox's Prometheus did not start",
      evidence: await server.logTail(5),
      next: "see the lines above, then try again",
    });
  }
  const records = [server.record, merge.process.record];
  return { url, stop: async () => void (await stopProcesses(records, { graceMilliseconds: 3000 })) };
}

async function startMerging(options: {
  directory: string;
  simulatorUrl: string;
  environment: NodeJS.ProcessEnv;
}): Promise<{ target: string; process: BackgroundProcess }> {
  const port = await freePort();
  const program = fileURLToPath(new URL("merge-targets-main.ts", import.meta.url));
  const background = await startProcess({
    directory: options.directory,
    name: "merge-targets",
    command: process.execPath,
    args: [
      "--disable-warning=ExperimentalWarning",
      program,
      `${options.simulatorUrl}/prometheus-targets`,
      String(port),
    ],
    environment: options.environment,
  });
  return { target: `127.0.0.1:${port}`, process: background };
}

function scrapeConfiguration(target: string): object {
  return {
    global: { scrape_interval: "500ms", scrape_timeout: "500ms", evaluation_interval: "5s" },
    scrape_configs: [
      {
        job_name: "simulators",
        // The merged samples carry the labels of their own pods.
        honor_labels: true,
        static_configs: [{ targets: [target] }],
      },
    ],
  };
}
