import { connect, type Socket } from "node:net";
import { CutoverError, messageOf } from "../model/error.ts";
import {
  apiVersionsKey,
  bodyOf,
  brokersOnly,
  frame,
  frameSize,
  metadataKey,
  metadataVersion,
  readApiVersions,
  readMetadata,
  releaseOf,
  type ApiRanges,
} from "./kafka-wire.ts";
import { connectionProblem } from "./kubernetes-error.ts";

/** What a bootstrap server told. */
export interface KafkaFacts {
  /** The server that answered, host:port. */
  server: string;
  /** Apache Kafka release it has at least, such as `3.9`. */
  release: string;
  /** Null when the listener tells it only after a login (SASL). */
  brokers: number | null;
  clusterId: string | null;
  apiVersions: ApiRanges;
  /** Bootstrap servers of the list that gave no good answer, with the reason. */
  unreachable: string[];
}

/**
 * Asks a Kafka cluster for its API versions and brokers. One answering bootstrap server is enough, as for a real client; all are asked.
 * @param bootstrap `host:port[,host:port]`
 * @throws CutoverError CUT-4601 when none answers, or what answers is no Kafka broker.
 */
export async function askKafka(bootstrap: string, options: { timeoutMilliseconds?: number } = {}): Promise<KafkaFacts> {
  const servers = bootstrap.split(",").flatMap((server) => (server.trim() === "" ? [] : [server.trim()]));
  const timeout = options.timeoutMilliseconds ?? 5_000;
  const answers = await Promise.allSettled(servers.map((server) => askServer(server, timeout)));
  const unreachable = answers.flatMap((answer, index) =>
    answer.status === "rejected" ? [`${servers[index] ?? ""}: ${connectionProblem(answer.reason)}`] : [],
  );
  const first = answers.find((answer) => answer.status === "fulfilled");
  if (first !== undefined) return { ...first.value, unreachable };
  throw new CutoverError(
    {
      code: "CUT-4601",
      verdict: "errored",
      happened: `Kafka cannot be reached at ${bootstrap || "(no bootstrap server)"}.`,
      evidence: unreachable,
      next: "Check cutover:kafka in the stack file and that the brokers run.",
      exitCode: 17,
    },
    { cause: answers[0]?.status === "rejected" ? answers[0].reason : undefined },
  );
}

async function askServer(server: string, timeoutMilliseconds: number): Promise<Omit<KafkaFacts, "unreachable">> {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(server) ?? [];
  if (host === undefined) throw new Error("it is not of the form host:port");
  const socket = connect({ host, port: Number(port) });
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no answer within ${timeoutMilliseconds} ms`));
  }, timeoutMilliseconds);
  try {
    const apiVersions = readApiVersions(await exchange(socket, apiVersionsKey, 0, Buffer.alloc(0)));
    const facts = { server, release: releaseOf(apiVersions), apiVersions };
    const offered = apiVersions.get(metadataKey);
    if (offered === undefined || offered.minimum > metadataVersion || offered.maximum < metadataVersion) {
      return { ...facts, brokers: null, clusterId: null };
    }
    try {
      return { ...facts, ...readMetadata(await exchange(socket, metadataKey, metadataVersion, brokersOnly)) };
    } catch {
      // A SASL listener answers ApiVersions and then hangs up on everything but a login: it is alive.
      return { ...facts, brokers: null, clusterId: null };
    }
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

let correlations = 0;

/** Sends one request and reads its answer's body. */
function exchange(socket: Socket, apiKey: number, apiVersion: number, body: Buffer): Promise<Buffer> {
  const correlation = (correlations = (correlations + 1) & 0x7fffffff);
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const settle = (error: Error | null, answer?: Buffer) => {
      socket.off("data", onData).off("error", settle).off("close", onClose);
      if (answer === undefined) reject(error ?? new Error("no answer"));
      else resolve(answer);
    };
    const onClose = () => {
      settle(new Error("the connection was closed instead of an answer; a TLS or other listener does that"));
    };
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        const size = frameSize(received);
        if (size !== null && received.length >= size) settle(null, bodyOf(received.subarray(0, size), correlation));
      } catch (error) {
        settle(error instanceof Error ? error : new Error(messageOf(error)));
      }
    };
    socket.on("data", onData).on("error", settle).on("close", onClose);
    socket.write(frame(apiKey, apiVersion, correlation, body));
  });
}
