import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { messageOf } from "../../../model/error.ts";
import type { PodAnswer, PodRequest } from "./answer.ts";

/** The HTTP server of one simulated container; a port-forward to its pod ends here. */
export interface ContainerServer {
  port: number;
  url: string;
  /** Cuts what is open, as the end of the process would. */
  close(): void;
}

/** Listens on a free loopback port. `connected`: hears of each connection. */
export async function startContainerServer(
  answer: (request: PodRequest) => Promise<PodAnswer>,
  connected: (socket: Socket) => void = () => undefined,
): Promise<ContainerServer> {
  const server = createServer((request, response) => {
    respond(answer, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.statusCode = 500;
      response.end(messageOf(error));
    });
  });
  // A call that waits for an upgrade may be silent for long.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 1000;
  server.on("connection", connected);
  await listening(server);
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port, url: `http://127.0.0.1:${port}`, close };
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve());
  });
}

async function respond(
  answer: (request: PodRequest) => Promise<PodAnswer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://pod");
  const result = await answer({ method: request.method ?? "GET", path: pathname, query: searchParams, body });
  if (result === "cut") return void request.socket.destroy();
  response.statusCode = result.status;
  const plain = typeof result.body === "string" || request.headers.accept === "text/plain";
  response.setHeader("content-type", `${plain ? "text/plain" : "application/json"}; charset=utf-8`);
  response.end(typeof result.body === "string" ? result.body : JSON.stringify(result.body));
}
