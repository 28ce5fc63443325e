import type { ServerResponse } from "node:http";
import { serveHttp } from "../clients/loopback.ts";

/** How the small deployment API of these tests behaves. Times are milliseconds. */
export interface Behaviour {
  /** Status and messages before any call. */
  status: string;
  messages: string[];
  /** What a call appends to the messages, one after the other; the last one ends it with `end`. */
  steps: string[];
  end: string;
  stepMilliseconds: number;
  /** `wait`: answers when the upgrade has ended. `cut`: takes the call and closes the connection. A number: that HTTP status. */
  answer: "wait" | "cut" | "cutWithoutWork" | number;
  /** A call with a numeric answer begins the work nevertheless. */
  worksAnyway: boolean;
  ready: boolean;
}

export const version = { from: "6.7.24250", to: "7.6.20250722.1216" };
const stamp = "[2026-11-22 10:00:00]";
export const goodSteps = [
  `${stamp} Upgrade starting`,
  `Version before upgrade ${version.from}`,
  `Upgrading to version ${version.to}`,
  "Upgrading the database",
  "Loading Plugins",
  "Upgrade Complete",
];
export const oldRun = [
  "[2024-01-01 00:00:00] Upgrade starting",
  `Version before upgrade ${version.from}`,
  `Upgrading to version ${version.to}`,
  "Upgrade Complete",
];

/** A deployment API on loopback that counts its upgrade calls. */
export async function serveDeploymentApi(change: Partial<Behaviour> = {}) {
  const behaviour: Behaviour = {
    ...{ status: "NeverRun", messages: [], steps: goodSteps, end: "LastRunComplete", stepMilliseconds: 20 },
    ...{ answer: "wait", worksAnyway: false, ready: true, ...change },
  };
  const calls: string[] = [];
  let statusReads = 0;
  const body = () =>
    JSON.stringify({ Status: behaviour.status, PulseDatabaseName: "Pulse", Messages: behaviour.messages });
  const reply = (answer: ServerResponse, status: number, text: string) =>
    answer.writeHead(status, { "content-type": "text/plain" }).end(text);
  const work = async () => {
    behaviour.messages = [];
    for (const step of behaviour.steps) {
      behaviour.messages = [...behaviour.messages, step];
      await new Promise((resolve) => setTimeout(resolve, behaviour.stepMilliseconds));
    }
    behaviour.status = behaviour.end;
  };
  const server = await serveHttp((request, answer) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://api");
    if (pathname === "/health/ready") return reply(answer, behaviour.ready ? 200 : 503, "");
    if (pathname === "/api/deployment/status") {
      statusReads += 1;
      return reply(answer, 200, body());
    }
    if (pathname !== "/api/deployment/upgrade") return reply(answer, 404, "no such path");
    calls.push(searchParams.get("waitTimeoutSeconds") ?? "");
    const how = behaviour.answer;
    if (how === "cutWithoutWork") return request.socket.destroy();
    if (typeof how === "number" && !behaviour.worksAnyway)
      return reply(answer, how, "the server says no; Password=s3cret");
    const working = work();
    if (how === "cut") return request.socket.destroy();
    if (typeof how === "number") return reply(answer, how, "gateway");
    void working.then(() => reply(answer, 200, body()));
    return undefined;
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    behaviour,
    calls,
    statusReads: () => statusReads,
    close: () => server.close(),
  };
}
export type DeploymentServer = Awaited<ReturnType<typeof serveDeploymentApi>>;
