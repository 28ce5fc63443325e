import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { CutoverError } from "../../model/error.ts";
import { freePorts } from "../process/free-port.ts";
import { lastLines, runCommand } from "../process/run.ts";
import { startProcess } from "../process/start.ts";
import { stopProcesses } from "../process/stop.ts";
import { waitFor } from "../process/wait-for.ts";
import { answersApiVersions } from "./api-versions.ts";
import { ensureKafkaJars, kafkaVersion } from "./kafka-jars.ts";

/** A Kafka broker, or the reason why there is none. */
export interface SandboxKafka {
  /** host:port, or null. */
  address: string | null;
  line: string;
  stop(): Promise<void>;
}

/**
 * Starts one real broker in KRaft mode on free loopback ports; ready after about 8 s. Without Java or Maven there is none:
 * the line says so. Throws CUT-9050 (Maven) and CUT-9051 (broker).
 */
export async function startKafka(options: {
  directory: string;
  environment: NodeJS.ProcessEnv;
  say: (line: string) => void;
}): Promise<SandboxKafka> {
  const found = await ensureKafkaJars(options.say);
  if ("missing" in found) {
    const line = `Kafka: NONE, ${found.missing}; checks against a real broker do not run here`;
    return { address: null, line, stop: () => Promise.resolve() };
  }
  const folder = path.join(options.directory, "kafka");
  await mkdir(folder);
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const properties = path.join(folder, "server.properties");
  await writeFile(properties, serverProperties(folder, port, controllerPort));
  const classPath = ["-cp", path.join(found.jars, "*")];
  const clusterId = randomBytes(16).toString("base64url");
  const format = await runCommand(
    found.java,
    [
      "-Xmx128m",
      "-XX:TieredStopAtLevel=1",
      ...classPath,
      "kafka.tools.StorageTool",
      "format",
      "-t",
      clusterId,
      "-c",
      properties,
    ],
    { environment: options.environment, timeoutMilliseconds: 60_000 },
  );
  if (format.exitCode !== 0) throw notStarted(lastLines(`${format.stdout}\n${format.stderr}`, 5));

  const server = await startProcess({
    directory: options.directory,
    name: "kafka",
    command: found.java,
    args: ["-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", ...classPath, "kafka.Kafka", properties],
    environment: options.environment,
  });
  const ready = await waitFor(() => answersApiVersions("127.0.0.1", port, 2000), {
    timeoutMilliseconds: 90_000,
    everyMilliseconds: 200,
    giveUp: () => !server.running(),
  });
  if (!ready) throw notStarted(await server.logTail(5));
  return {
    address: `127.0.0.1:${port}`,
    line: `Kafka: real broker ${kafkaVersion} in KRaft mode`,
    stop: async () => void (await stopProcesses([server.record], { graceMilliseconds: 3000 })),
  };
}

function serverProperties(folder: string, port: number, controllerPort: number): string {
  const lines = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": path.join(folder, "data"),
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

function notStarted(evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-9051",
    verdict: "errored",
    happened: "the sandbox's Kafka broker did not start",
    evidence,
    next: "see the lines above, or start the sandbox without Kafka",
  });
}
