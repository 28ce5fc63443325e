import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { messageOf } from "../../model/error.ts";
import type { Company } from "./company.ts";
import { parseFaults, type FaultBoard } from "./fault-board.ts";
import { GimApplication } from "./gim/application.ts";
import { applicationOf, imageTagOf, releaseOf } from "./pod.ts";
import type { PodPlay } from "./pod-play.ts";

const jobRequest = z.strictObject({ namespace: z.string(), pod: z.string(), arguments: z.array(z.string()) });

/** Listens on a free loopback port. */
export async function listen(): Promise<{ server: Server; url: string }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/**
 * Answers `GET /prometheus-targets` (HTTP service discovery), `GET /metrics/<namespace>/<pod>`, `PUT /faults`,
 * `GET /state`, `POST /gim/job` (one JSON object per line, the last one with `exitCode`).
 */
export function answerRequests(server: Server, company: Company, faults: FaultBoard): void {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answer(company, faults, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.statusCode = 400;
      response.end(`${messageOf(error)}\n`);
    });
  });
}

async function answer(
  company: Company,
  faults: FaultBoard,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? "/";
  const [, first, namespace = "", pod = ""] = path.split("/");
  if (request.method === "GET" && path === "/prometheus-targets")
    return json(
      response,
      company.all().flatMap((play) => target(play, request)),
    );
  if (request.method === "GET" && path === "/state") return json(response, company.all().map(state));
  if (request.method === "GET" && first === "metrics") return metrics(company.find(namespace, pod), response);
  if (request.method === "PUT" && path === "/faults") {
    faults.set(parseFaults(await bodyOf(request)));
    return json(response, {});
  }
  if (request.method === "POST" && path === "/gim/job") return runJob(company, await bodyOf(request), response);
  response.statusCode = 404;
  response.end();
}

function target(play: PodPlay, request: IncomingMessage): { targets: string[]; labels: Record<string, string> }[] {
  const { name, namespace } = play.pod.metadata;
  if (!play.serves || play.application.metrics(play.stage) === null) return [];
  const labels = {
    __metrics_path__: `/metrics/${namespace}/${name}`,
    instance: play.face.podIP,
    namespace,
    pod: name,
    release: releaseOf(play.pod),
    application: applicationOf(play.pod) ?? "",
  };
  return [{ targets: [request.headers.host ?? ""], labels }];
}

function metrics(play: PodPlay | undefined, response: ServerResponse): void {
  const absent = play === undefined || !play.serves || play.stage.faults.find(play.pod, "metricsAbsent") !== undefined;
  const text = absent ? null : play.application.metrics(play.stage);
  if (text === null) response.statusCode = 503;
  response.setHeader("content-type", "text/plain; version=0.0.4");
  response.end(text ?? "");
}

function state(play: PodPlay): Record<string, unknown> {
  return {
    namespace: play.pod.metadata.namespace,
    pod: play.pod.metadata.name,
    application: applicationOf(play.pod),
    release: releaseOf(play.pod),
    imageTag: imageTagOf(play.pod),
    phase: play.phase,
    restarts: play.face.restarts,
    ...play.application.facts(),
    events: play.face.events,
  };
}

async function runJob(company: Company, body: string, response: ServerResponse): Promise<void> {
  const wanted = jobRequest.parse(JSON.parse(body));
  const say = (line: string): void => void response.write(`${JSON.stringify({ line })}\n`);
  const end = (exitCode: number): void => void response.end(`${JSON.stringify({ exitCode })}\n`);
  const play = company.find(wanted.namespace, wanted.pod);
  const [option, job, ...rest] = wanted.arguments;
  const unknown = rest.filter((argument) => argument !== "-make-export-views");
  if (option !== "-job" || job !== "Job_MigrateGIM" || unknown.length > 0) {
    say("usage: ./entrypoint.sh -job Job_MigrateGIM [-make-export-views]");
    return end(2);
  }
  if (!(play?.application instanceof GimApplication) || !play.serves) {
    say(`pod ${wanted.namespace}/${wanted.pod} runs no GIM`);
    return end(1);
  }
  try {
    await play.application.runMigrationJob(play.stage, rest.length > 0, say);
    end(0);
  } catch (error) {
    say(`Job_MigrateGIM failed: ${messageOf(error)}`);
    end(1);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

function json(response: ServerResponse, content: unknown): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(content));
}
